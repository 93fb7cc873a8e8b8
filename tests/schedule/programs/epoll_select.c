/* bug 1: deadlock | bug 2: exit 2 */
#include "../program.h"
#include <sys/epoll.h>
#include <sys/select.h>

static int a[2], b[2];

static void *writer(void *arg)
{
    (void)!write(a[1], "a", 1);
    if (!BUG)
        (void)!write(b[1], "b", 1);
    return arg;
}

int main(void)
{
    if (pipe(a) != 0 || pipe(b) != 0)
        return 1;
    pthread_t thread = start(writer, NULL);
    int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(set, EPOLL_CTL_ADD, a[0], &event);
    if (epoll_wait(set, &event, 1, -1) != 1)
        return 1;
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(b[0], &readable);
    struct timeval long_time = {BUG == 2 ? 0 : 1000, BUG == 2 ? 100000 : 0};
    int ready = select(b[0] + 1, &readable, NULL, NULL, BUG == 1 ? NULL : &long_time);
    join(thread);
    return ready == 1 ? 0 : 2;
}
