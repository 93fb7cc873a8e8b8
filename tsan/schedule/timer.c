/* Timers that send a signal (pending.c). */
#define _GNU_SOURCE
#include "entry.h"
#include "pending.h"

#include <signal.h>

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
