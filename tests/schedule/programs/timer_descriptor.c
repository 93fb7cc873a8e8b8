/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

/* An event loop: a timer that ticks each hour, one for a time of day, and an eventfd that ends it. */
static int loop, hourly, once, stop, ticks, alarms;

static void watch(int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, descriptor, &event) != 0)
        abort();
}

static void *serve(void *arg)
{
    for (;;) {
        struct epoll_event event;
        unsigned long long count;
        if (epoll_wait(loop, &event, 1, -1) != 1 || read(event.data.fd, &count, sizeof count) != sizeof count)
            continue;
        if (event.data.fd == stop)
            return arg;
        *(event.data.fd == hourly ? &ticks : &alarms) += (int)count;
    }
}

int main(void)
{
    const long hour = led ? 0 : 3600, part = led ? 10000000 : 0;
    const struct itimerspec each = {{hour, part}, {hour, part}};
    const struct itimerspec at = {.it_value = in_seconds(CLOCK_REALTIME, hour / 2)};
    struct itimerspec left;
    loop = epoll_create1(0);
    hourly = timerfd_create(CLOCK_MONOTONIC, 0);
    once = timerfd_create(CLOCK_REALTIME, 0);
    stop = eventfd(0, 0);
    watch(hourly), watch(once), watch(stop);
    if (timerfd_settime(hourly, 0, &each, NULL) != 0 ||
        timerfd_settime(once, TFD_TIMER_ABSTIME, &at, NULL) != 0 || timerfd_gettime(hourly, &left) != 0 ||
        left.it_interval.tv_sec != hour)
        return 1;
    pthread_t thread = start(serve, NULL);
    if (BUG != 2) {
        nanosleep(&(struct timespec){3 * hour + hour / 2, 3 * part + part / 2}, NULL);
        unsigned long long one = 1;
        if (write(stop, &one, sizeof one) != sizeof one)
            return 2;
    }
    if (BUG == 1)
        ticks++; /* the loop may still be in a tick, and nothing orders the two */
    if (BUG == 2)
        timerfd_settime(hourly, 0, &(struct itimerspec){{0, 0}, {0, 0}}, NULL);
    join(thread);
    return BUG ? 0 : !led && (ticks < 2 || ticks > 4 || alarms != 1);
}
