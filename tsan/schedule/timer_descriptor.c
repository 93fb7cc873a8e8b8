/* Timers that are read from a descriptor (timerfd). The kernel's run in real time. So the program sets ours,
 * and the kernel's is only set, to expire at once, when virtual time has come so far. (The hooks are in
 * timer.c.) */
#define _GNU_SOURCE
#include "timer_descriptor.h"
#include "clock.h"
#include "turn.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

enum { MAX_TIMERS = 1024 };

static struct timer {
    int descriptor;
    uint64_t at, interval;
} timers[MAX_TIMERS];
static int timer_count;

void timer_descriptor_closed(int descriptor)
{
    for (int i = 0; i < timer_count; i++)
        if (timers[i].descriptor == descriptor)
            timers[i--] = timers[--timer_count];
}

static bool is_readable(int descriptor, long seconds)
{
    struct pollfd poll = {descriptor, POLLIN, 0};
    struct timespec time = {seconds, 0};
    return REAL(SYS_ppoll, &poll, 1, &time, 0, 8) != 0;
}

/* One that nobody has read since is no news. */
static struct timer *first_to_expire(uint64_t until)
{
    struct timer *first = NULL;
    for (int i = 0; i < timer_count; i++)
        if (timers[i].at <= until && (!first || timers[i].at < first->at) &&
            !is_readable(timers[i].descriptor, 0))
            first = &timers[i];
    return first;
}

bool timer_descriptor_expires(uint64_t deadline)
{
    struct timer *timer = first_to_expire(deadline == NEVER ? UINT64_MAX : deadline);
    if (!timer)
        return false;
    const struct itimerspec at_once = {.it_value = {0, 1}};
    clock_pass_to(timer->at);
    REAL(SYS_timerfd_settime, timer->descriptor, 0, &at_once, NULL);
    is_readable(timer->descriptor, 1);
    turn_news++;
    if (timer->interval != 0)
        timer->at += timer->interval;
    else
        timer_descriptor_closed(timer->descriptor);
    return true;
}

void timer_descriptor_set(int descriptor, uint64_t at, uint64_t interval)
{
    if (timer_count == MAX_TIMERS)
        turn_inexact("the program has so many timers that some never expire");
    else
        timers[timer_count++] = (struct timer){descriptor, at, interval};
}

bool timer_descriptor_get(int descriptor, uint64_t *at, uint64_t *interval)
{
    for (int i = 0; i < timer_count; i++)
        if (timers[i].descriptor == descriptor) {
            *at = timers[i].at;
            *interval = timers[i].interval;
            return true;
        }
    return false;
}
