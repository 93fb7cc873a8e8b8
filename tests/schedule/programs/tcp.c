/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct sockaddr_in address;
int x;

static void *client(void *arg)
{
    char byte = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        abort();
    x++;
    if (write(fd, "?", 1) != 1 || (BUG == 2 && read(fd, &byte, 1) != 1))
        abort();
#if BUG == 1
    x++;
#endif
    close(fd);
    return arg;
}

int main(void)
{
    char byte;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        return 1;
    pthread_t thread = start(client, NULL);
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 || read(fd, &byte, 1) != 1)
        return 1;
#if BUG == 1
    x++; /* TSan does not take a connection for an order of its own */
#elif BUG == 2
    if (read(fd, &byte, 1) == 0) /* the client waits for us */
        return 1;
#endif
    join(thread);
    return BUG ? 0 : x != 1;
}
