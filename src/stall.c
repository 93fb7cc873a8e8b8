#define _POSIX_C_SOURCE 200809L
#include "stall.h"
#include "options.h"
#include "report.h"
#include "sema.h"
#include "state.h"
#include "timespec.h"

#include <errno.h>

/* A ticket to print: one report after the other, each with its own stack. */
static uint32_t turn = 1;
static const uint64_t patience = UINT64_C(10) * NANOSECONDS;

WAITGROUP_ENTRY_ int waitgroup_watch_stall_(waitgroup_t *wg, clockid_t clock, const struct timespec *deadline)
{
    const uint64_t stall = waitgroup_options_.stall_after;
    const struct timespec report_at = timespec_after(clock, stall);
    if (deadline && timespec_is_before(deadline, &report_at))
        return 0;
    const int error = waitgroup_sema_acquire_(&wg->sema, clock, &report_at);
    if (error != ETIMEDOUT)
        return error == 0;
    const uint64_t state = __atomic_load_n(&wg->state, __ATOMIC_RELAXED); /* as it stalled */
    /* Not for ever: whoever prints may be stuck, or be interrupted by the signal handler that waits here.
     * Then out of turn. */
    const struct timespec limit = timespec_after(CLOCK_MONOTONIC, patience);
    const int in_turn = waitgroup_sema_acquire_(&turn, CLOCK_MONOTONIC, &limit) == 0;
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
    if (in_turn)
        waitgroup_sema_release_(&turn, 1);
    return 0;
}
