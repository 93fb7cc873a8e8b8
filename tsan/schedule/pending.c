/* What is on its way to a thread: a signal that has reached nobody yet, and timers that will send one. The
 * kernel runs timers in real time; where nobody can go on before the first of them expires, it expires at
 * once, and virtual time passes instead. (Their hooks are in signal.c and timer.c.) */
#define _GNU_SOURCE
#include "pending.h"
#include "shared/timespec.h"

#include <sys/syscall.h>
#include <sys/time.h>

enum { MAX_TIMERS = 16, PATIENCE = 200 }; /* rounds until a signal has reached whom it is for */

struct pending pending;

static timer_t timers[MAX_TIMERS];
static int timer_count;
static int patience;
static uint64_t steps_at_expiry;

/* A set of signals, by its name in /proc. */
uint64_t pending_signals_of(const struct thread *thread, const char name[9])
{
    char text[4096];
    const long size = real_read_own("status", thread->number, text, sizeof text);
    uint64_t set = 0;
    for (long i = 0; i + 8 < size; i++)
        if (real_equal(text + i, name, 9)) {
            for (i += 9; i < size && text[i] > ' '; i++)
                set = set << 4 | (uint64_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
            break;
        }
    return set;
}

/* A timer's signal, or a child's, that all threads block: it waits for whoever asks for it. */
bool pending_signal(void)
{
    for (int i = 0; i < alive_count; i++)
        if (threads[alive[i]].act.kind == KIND_SIGWAIT) {
            const uint64_t now = pending_signals_of(&threads[alive[i]], "\nShdPnd:\t");
            pending.sent += (now & ~pending.known) != 0;
            pending.known = now;
        }
    return pending.overdue;
}

void pending_add_timer(timer_t timer)
{
    for (int i = 0; i < timer_count; i++)
        if (timers[i] == timer)
            return;
    if (timer_count < MAX_TIMERS)
        timers[timer_count++] = timer;
}

static uint64_t left_of_alarm(struct itimerval *value)
{
    REAL(SYS_getitimer, ITIMER_REAL, value);
    return (uint64_t)value->it_value.tv_sec * NANOSECONDS + (uint64_t)value->it_value.tv_usec * 1000;
}

/* The first to expire, and when; 0: none runs. -1 stands for alarm() and setitimer(). */
static uint64_t first_to_expire(int *first)
{
    struct itimerval alarm;
    uint64_t least = pending.alarm ? left_of_alarm(&alarm) : 0;
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

bool pending_timer_expires(uint64_t deadline)
{
    if ((timer_count == 0 && !pending.alarm) || !turn_somebody_can_be_interrupted())
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
