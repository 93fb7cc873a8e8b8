/* Timers that send a signal. The kernel runs them in real time; where nobody can go on before the first of
 * them expires, it expires at once, and virtual time passes instead. */
#define _GNU_SOURCE
#include "clock.h"
#include "entry.h"
#include "shared/timespec.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

enum { MAX_TIMERS = 16, PATIENCE = 200 }; /* rounds until a signal has reached whom it is for */

static timer_t timers[MAX_TIMERS];
static int timer_count;
static bool alarm_is_used;
static int patience;
static uint64_t steps_at_expiry;

static uint64_t left_of_alarm(struct itimerval *value)
{
    REAL(SYS_getitimer, ITIMER_REAL, value);
    return (uint64_t)value->it_value.tv_sec * NANOSECONDS + (uint64_t)value->it_value.tv_usec * 1000;
}

/* The first to expire, and when; 0: none runs. -1 stands for alarm() and setitimer(). */
static uint64_t first_to_expire(int *first)
{
    struct itimerval alarm;
    uint64_t least = alarm_is_used ? left_of_alarm(&alarm) : 0;
    *first = -1;
    for (int i = 0; i < timer_count; i++) {
        struct itimerspec value;
        if (REAL(SYS_timer_gettime, (intptr_t)timers[i], &value) != 0)
            continue;
        const uint64_t left = timespec_nanoseconds(&value.it_value);
        if (left > 0 && (least == 0 || left < least)) {
            least = left;
            *first = i;
        }
    }
    return least;
}

static void expire(int which)
{
    if (which < 0) {
        struct itimerval value;
        left_of_alarm(&value);
        value.it_value = (struct timeval){0, 1};
        REAL(SYS_setitimer, ITIMER_REAL, &value, NULL);
        return;
    }
    struct itimerspec value;
    REAL(SYS_timer_gettime, (intptr_t)timers[which], &value);
    value.it_value = (struct timespec){0, 1};
    REAL(SYS_timer_settime, (intptr_t)timers[which], 0, &value, NULL);
}

bool timer_expires_before(uint64_t deadline)
{
    if ((timer_count == 0 && !alarm_is_used) || !turn_somebody_can_be_interrupted())
        return false;
    if (steps_at_expiry == shared->result.steps && patience > 0)
        return patience-- > 0;
    int first;
    const uint64_t left = first_to_expire(&first);
    if (left == 0 || (deadline != NEVER && clock_now() + left >= deadline))
        return false;
    clock_pass_to(clock_now() + left);
    expire(first);
    turn_inexact("a timer sends a signal");
    patience = PATIENCE;
    steps_at_expiry = shared->result.steps;
    return true;
}

static function *on_alarm(const struct call *call)
{
    (void)call;
    alarm_is_used = true;
    return NULL;
}

static function *on_timer_settime(const struct call *call)
{
    const timer_t timer = (timer_t)call->args[0]; /* as the kernel knows it */
    for (int i = 0; i < timer_count; i++)
        if (timers[i] == timer)
            return NULL;
    if (timer_count < MAX_TIMERS)
        timers[timer_count++] = timer;
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
