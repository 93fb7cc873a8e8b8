/* Timers: that send a signal (pending.c), and that are read from a descriptor (timer_descriptor.c). */
#define _GNU_SOURCE
#include "clock.h"
#include "entry.h"
#include "io.h"
#include "pending.h"
#include "shared/timespec.h"
#include "timer_descriptor.h"

#include <signal.h>
#include <sys/timerfd.h>
#include <time.h>

enum { AFTER_ANY_UPTIME = 1000000000 /* s: the time of day is */ };

static function *on_alarm(const struct call *call)
{
    (void)call;
    pending.alarm = true;
    return NULL;
}

static function *on_timer_settime(const struct call *call)
{
    pending_add_timer((timer_t)call->args[0]);
    return NULL;
}

static function *on_timer_create(const struct call *call)
{
    const struct sigevent *event = (const struct sigevent *)call->args[1];
    if (event && event->sigev_notify == SIGEV_THREAD)
        turn_end(OUTCOME_REFUSED,
                 "the program has a timer that runs a function in a thread of its own (SIGEV_THREAD), which "
                 "ThreadSanitizer does not know");
    return NULL;
}

THUNK(alarm, on_alarm, SIGNAL)
THUNK(ualarm, on_alarm, SIGNAL)
THUNK(setitimer, on_alarm, SIGNAL)
THUNK(timer_settime, on_timer_settime, SIGNAL)
THUNK(timer_create, on_timer_create, SIGNAL)

static uint64_t time_of(uint64_t flags, const struct timespec *time)
{
    if (!(flags & TFD_TIMER_ABSTIME))
        return clock_after(time);
    return clock_deadline(time->tv_sec > AFTER_ANY_UPTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, time);
}

/* The kernel's timer is not set, whatever the program asks for. */
static function *on_timerfd_settime(const struct call *call)
{
    static const struct itimerspec none;
    const struct itimerspec *value = (const struct itimerspec *)call->args[2];
    struct act act = act_of(call);
    act.object = DEVICES;
    turn_act(act);
    if (!value)
        return NULL;
    timer_descriptor_closed((int)call->args[0]);
    if (timespec_nanoseconds(&value->it_value) != 0)
        timer_descriptor_set((int)call->args[0], time_of(call->args[1], &value->it_value),
                             timespec_nanoseconds(&value->it_interval));
    ((uintptr_t *)(uintptr_t)call->args)[2] = (uintptr_t)&none;
    return NULL;
}

static function *on_timerfd_gettime(const struct call *call)
{
    uint64_t at, interval;
    if (!call->args[1] || !timer_descriptor_get((int)call->args[0], &at, &interval))
        return NULL;
    const uint64_t left = at > clock_now() ? at - clock_now() : 1;
    *(struct itimerspec *)call->args[1] = (struct itimerspec){timespec_of(interval), timespec_of(left)};
    return entry_return(0);
}

THUNK(timerfd_settime, on_timerfd_settime, OUTPUT)
THUNK(timerfd_gettime, on_timerfd_gettime, INPUT)
