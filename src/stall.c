#define _POSIX_C_SOURCE 200809L
#include "stall.h"
#include "options.h"
#include "report.h"
#include "sema.h"
#include "state.h"
#include "timespec.h"

#include <sched.h>

WAITGROUP_ENTRY_ int waitgroup_watch_stall_(waitgroup_t *wg, clockid_t clock, const struct timespec *deadline)
{
    const uint64_t stall = waitgroup_options_.stall_after;
    struct timespec now;
    clock_gettime(clock, &now);
    struct timespec report_at = timespec_plus(now, stall);
    if (deadline && timespec_is_before(deadline, &report_at))
        return 0;
    if (waitgroup_sema_acquire_(&wg->sema, clock, &report_at) == 0)
        return 1;
    /* One report after the other, each with its own stack; but not for ever, if a thread is stuck in
     * one. sched_yield() is no cancellation point, as a sleep would be. */
    static uint32_t printing;
    for (int patience = 1000000; __atomic_exchange_n(&printing, 1, __ATOMIC_ACQUIRE) && patience > 0;
         patience--)
        sched_yield();
    uint64_t state = __atomic_load_n(&wg->state, __ATOMIC_RELAXED);
    waitgroup_report_(
        "waitgroup: a Wait has been blocked for %llu.%03llu s\n"
        "  WaitGroup at %p, counter %d, waiters %u\n"
        "  rule: every unit that Add has announced needs one Done\n"
        "  cure: look for fewer Done than Add: a task that returns early without Done, an Add with no "
        "task, or a task that is blocked itself, for instance by a lock that this thread holds\n"
        "  The wait goes on. It is here:\n",
        (unsigned long long)(stall / NANOSECONDS), (unsigned long long)(stall % NANOSECONDS / 1000000),
        (void *)wg, (int)state_counter(state), (unsigned)state_waiters(state));
    waitgroup_report_stack_();
    __atomic_store_n(&printing, 0, __ATOMIC_RELEASE);
    return 0;
}
