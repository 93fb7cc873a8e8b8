/* A wait parks for stall_after at most, then says what is known of its group, and parks for good. */
#define _POSIX_C_SOURCE 200809L
#include "stall.h"
#include "copy.h"
#include "foreign.h"
#include "options.h"
#include "process.h"
#include "report.h"
#include "sema.h"
#include "state.h"
#include "shared/timespec.h"

#include <errno.h>
#include <unistd.h>

/* A ticket to print: one report after the other, each with its own stack. */
static uint32_t turn = 1;
static const uint64_t patience = UINT64_C(10) * NANOSECONDS;

WAITGROUP_ENTRY_ static void explain_count(const waitgroup_t *wg, int32_t counter)
{
    waitgroup_report_(
        "  rule: every unit that Add has announced needs one Done\n"
        "  cure: look for fewer Done than Add: a task that returns early without Done, an Add with "
        "no task, or a task that is blocked itself, for instance by a lock that this thread holds\n");
    if (counter < 0)
        waitgroup_report_(
            "  A counter below zero: a Done too many, whose panic was recovered from, or no group: %s\n",
            FOREIGN_MEMORY);
    else if ((uint32_t)counter > STATE_MOST_WAITERS)
        waitgroup_report_("  If no Add has announced so many, this is no group: %s\n", FOREIGN_MEMORY);
    const int before_fork = getpid() != waitgroup_born_in_ ? waitgroup_used_before_fork_(wg) : 0;
    if (before_fork != 0)
        waitgroup_report_(
            "  The process was forked from process %d%s it has inherited the counter, but not the "
            "threads that would count down\n",
            (int)waitgroup_born_in_,
            before_fork > 0 ? " after the group's first use:" : ": if the group was in use by then,");
}

WAITGROUP_ENTRY_ static void explain(const waitgroup_t *wg, uint64_t state)
{
    const int is_forgotten = state_waiters(state) == 0; /* though this wait is enlisted, and has no ticket */
    if (waitgroup_is_shared_(wg))
        waitgroup_report_(state == 0 ? "  The counter is 0 and yet nobody woke this wait: %s\n"
                                     : "  This is memory that processes share: %s\n",
                          PROCESS_OTHER);
    else if (waitgroup_is_foreign_(wg))
        waitgroup_report_("  This is no group: %s\n", FOREIGN_MEMORY);
    else if (is_forgotten)
        waitgroup_report_(
            "  The group does not know of this wait, which nobody woke: it was initialized anew, "
            "freed or overwritten meanwhile\n");
    else
        explain_count(wg, state_counter(state));
}

WAITGROUP_ENTRY_ static void report(const waitgroup_t *wg, uint64_t state)
{
    const uint64_t stall = waitgroup_options_.stall_after;
    waitgroup_report_("waitgroup: a Wait has been blocked for %llu.%03llu s\n"
                      "  WaitGroup at %p, counter %d, waiters %u, process %d\n",
                      (unsigned long long)(stall / NANOSECONDS),
                      (unsigned long long)(stall % NANOSECONDS / 1000000), (const void *)wg,
                      (int)state_counter(state), (unsigned)state_waiters(state), (int)getpid());
    explain(wg, state);
    waitgroup_report_("  The wait goes on. It is here:\n");
    waitgroup_report_stack_();
}

/* As waitgroup_watch_stall_(), but instead of a report the word, as it stalled, and -1. */
WAITGROUP_ENTRY_ static int wait_so_long(waitgroup_t *wg, clockid_t clock, const struct timespec *deadline,
                                         uint64_t nanoseconds, uint64_t *state)
{
    const struct timespec end = timespec_after(clock, nanoseconds);
    if (deadline && timespec_is_before(deadline, &end))
        return 0;
    const int error = waitgroup_sema_acquire_(&wg->sema, clock, &end);
    *state = __atomic_load_n(&wg->state, __ATOMIC_RELAXED);
    return error == ETIMEDOUT ? -1 : error == 0;
}

WAITGROUP_ENTRY_ int waitgroup_watch_stall_(waitgroup_t *wg, clockid_t clock, const struct timespec *deadline)
{
    const uint64_t stall = waitgroup_options_.stall_after;
    uint64_t state;
    int result = wait_so_long(wg, clock, deadline, stall, &state);
    /* If the wait is no longer enlisted, its ticket is on its way; on a busy machine that takes time. */
    if (result < 0 && state_waiters(state) == 0 && !waitgroup_is_shared_(wg))
        result = wait_so_long(wg, clock, deadline, stall > NANOSECONDS ? stall : NANOSECONDS, &state);
    if (result >= 0)
        return result;
    /* Not for ever: the thread that prints may be stuck, or this may be a signal handler that interrupts it.
     * After that time this one prints although another has not finished. */
    const struct timespec limit = timespec_after(CLOCK_MONOTONIC, patience);
    const int in_turn = waitgroup_sema_acquire_(&turn, CLOCK_MONOTONIC, &limit) == 0;
    report(wg, state);
    if (in_turn)
        waitgroup_sema_release_(&turn, 1);
    return 0;
}
