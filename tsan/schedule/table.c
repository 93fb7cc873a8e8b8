/* The threads, and what can be asked of all of them together. All other files read this one; it calls none
 * but the clock. */
#define _GNU_SOURCE
#include "turn.h"

#include <sys/syscall.h>

struct thread threads[MAX_THREADS];
int thread_count, alive[MAX_THREADS], alive_count;
struct schedule_shared *shared;
_Thread_local struct thread *self __attribute__((__tls_model__("initial-exec")));
_Thread_local volatile bool turn_interrupted_early __attribute__((__tls_model__("initial-exec")));

bool turn_dozes;
static uint32_t returned; /* a futex: counts those who are back from outside */

uint64_t changes, plain_writes, turn_news;

uint64_t changes_by_others(const struct thread *thread)
{
    return changes - thread->own_changes;
}

void turn_changed(void)
{
    changes++;
    turn_news++;
    self->own_changes++;
}

bool turn_can_go_on(const struct thread *thread)
{
    if (thread->outside)
        return __atomic_load_n(&thread->back, __ATOMIC_ACQUIRE);
    return !thread->ready || thread->ready(thread) ||
           (thread->deadline != NEVER && thread->deadline <= clock_now()) ||
           (thread->interruptible && (__atomic_load_n(&thread->interrupted, __ATOMIC_RELAXED) ||
                                      (thread->cancelled && !thread->cancel_disabled)));
}

bool turn_somebody_is_outside(void)
{
    for (int i = 0; i < alive_count; i++)
        if (threads[alive[i]].outside)
            return true;
    return false;
}

bool turn_somebody_can_be_interrupted(void)
{
    for (int i = 0; i < alive_count; i++)
        if (threads[alive[i]].interruptible)
            return true;
    return false;
}

/* Descriptors become ready by others than threads, too: by a timer, by another process. */
bool turn_somebody_waits_for_input(void)
{
    for (int i = 0; i < alive_count; i++) {
        enum schedule_kind kind = threads[alive[i]].act.kind;
        if (!threads[alive[i]].outside &&
            (kind == KIND_INPUT || kind == KIND_OUTPUT || kind == KIND_POLL || kind == KIND_SIGWAIT))
            return true;
    }
    return false;
}

void turn_doze(uint64_t nanoseconds)
{
    __atomic_store_n(&turn_dozes, true, __ATOMIC_RELEASE);
    real_sleep(&returned, __atomic_load_n(&returned, __ATOMIC_ACQUIRE), nanoseconds);
    __atomic_store_n(&turn_dozes, false, __ATOMIC_RELEASE);
    turn_news++;
}

void turn_inexact(const char *why)
{
    struct schedule_result *result = &shared->result;
    if (!result->inexact && result->text[0] == '\0')
        real_text(result->text, sizeof result->text, why);
    result->inexact = 1;
}

_Noreturn void turn_end(enum schedule_outcome outcome, const char *text)
{
    shared->result.outcome = outcome;
    if (text)
        real_text(shared->result.text, sizeof shared->result.text, text);
    for (;;)
        REAL(SYS_exit_group, 0);
}

void turn_tell_return(void)
{
    __atomic_add_fetch(&returned, 1, __ATOMIC_RELEASE);
    real_wake(&returned);
}
