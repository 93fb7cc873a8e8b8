/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>

static int fd, quiet[2];
int x, seen;

static void *waker(void *arg)
{
    uint64_t one = 1;
#if BUG == 1
    (void)!write(fd, &one, 8);
    x = 1;
#else
    x = 1;
    (void)!write(BUG == 2 ? quiet[1] : fd, &one, 8);
#endif
    return arg;
}

int main(void)
{
    uint64_t sum = 0;
    fd = eventfd(0, 0);
    if (fd < 0 || pipe(quiet) != 0)
        return 1;
    struct pollfd both[] = {{fd, POLLIN, 0}, {BUG == 2 ? fd : quiet[0], POLLIN, 0}};
    pthread_t thread = start(waker, NULL);
    if (poll(both, 2, -1) != 1 || both[0].revents != POLLIN)
        return 1;
    if (read(fd, &sum, 8) != 8 || sum != 1)
        return 1;
    seen = x;
    join(thread);
    return BUG ? 0 : seen != 1;
}
