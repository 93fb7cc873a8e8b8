/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <sys/socket.h>

static int fds[2];
int x, seen;

static void *server(void *arg)
{
    char byte;
    if (BUG != 2 && recv(fds[1], &byte, 1, 0) != 1)
        abort();
    x++;
    char answer[] = {'o', 'k'};
    struct iovec part = {answer, 2};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (BUG == 2) {
        if (recv(fds[1], &byte, 1, MSG_WAITALL) == 1 && recv(fds[1], &byte, 1, 0) == 1)
            abort();
    }
    sendmsg(fds[1], &message, 0);
    return arg;
}

int main(void)
{
    char answer[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 1;
    x = 1;
    pthread_t thread = start(server, NULL);
    send(fds[0], "?", 1, 0);
#if BUG == 1
    x++;
#endif
    if (recv(fds[0], answer, 2, MSG_WAITALL) != 2)
        return 1;
    seen = x;
    join(thread);
    return BUG ? 0 : seen != 2;
}
