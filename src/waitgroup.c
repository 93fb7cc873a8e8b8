/* The protocol: add, wait and their race annotations.
 *
 * The memory orders (tests/protocol weakens each, and a test must fail; survivors.txt has the exceptions):
 *   add, d > 0           relaxed   publishes nothing
 *   add, d < 0           release   what the task did. Every change of the word is a read-modify-write, so it
 *                                  continues the release sequences of all Dones before it: whatever value a
 *                                  waiter reads, its acquire synchronizes with each of these Dones. Done
 *                                  itself need not acquire. (On AArch64 that is ldaddl, not ldaddal.)
 *   open                 relaxed   a strong CAS. As a store it would end those release sequences: a wait
 *                                  that finds its zero would see no result
 *   tickets += waiters   release   pairs with the ticket's acquire (sema.h): the word is seen as it was
 *                                  left, and whatever this thread did to the group is over before it is freed
 *   wait: load           acquire   each load by which a wait may return: pairs with the release of every Done
 *   wait: enlist         relaxed   would do for its success; its failure may be such a load
 *   wait: withdraw       relaxed   a wait that times out takes nothing over
 * A generation number in place of tickets would be simpler, but could not tell that a group is reused
 * before a Wait has returned. */
#define _POSIX_C_SOURCE 200809L
#include "state.h"
#include "shared/call.h"
#include "copy.h"
#include "options.h"
#include "panic.h"
#include "perturb.h"
#include "process.h"
#include "race.h"
#include "report.h"
#include "sema.h"
#include "spin.h"
#include "stall.h"
#include "unwoken.h"
#include "shared/timespec.h"

#include <errno.h>
#include <stddef.h>

static int is_watched; /* it is, or WAITGROUP_OPTIONS=perturb=SEED may hold up threads */

__attribute__((__constructor__(101))) WAITGROUP_ENTRY_ static void start(void)
{
    call_ask();
    waitgroup_race_start_();
    waitgroup_options_parse_();
    if (waitgroup_options_.report_locks_held && !waitgroup_race_.no_mutexes)
        waitgroup_report_("waitgroup: report_locks_held=1 has no effect: it needs a program built with the "
                          "-fsanitize=thread of clang 17, gcc 14 or later\n");
    if (race_enabled() || waitgroup_options_.stall_after)
        waitgroup_report_prepare_();
    is_watched = waitgroup_is_heard_ || waitgroup_options_.perturb != 0;
    waitgroup_gate_ = race_enabled() || waitgroup_options_.strict ? UINTPTR_MAX : 0;
}

/* The begin and the end of each public function: told to a scheduler, and places where a thread may be held
 * up. */
WAITGROUP_UNINSTRUMENTED_ static inline void begin(const waitgroup_t *wg, const char *name, void *caller,
                                                   enum perturb_point point)
{
    if (__builtin_expect(!is_watched, 1))
        return;
    call_tell(name, CALL_BEGINS, wg, caller);
    if (waitgroup_options_.perturb != 0)
        waitgroup_perturb_(point);
}

WAITGROUP_UNINSTRUMENTED_ static inline void end(const waitgroup_t *wg, const char *name, void *caller,
                                                 enum perturb_point point)
{
    if (__builtin_expect(!is_watched, 1))
        return;
    if (waitgroup_options_.perturb != 0)
        waitgroup_perturb_(point);
    call_tell(name, CALL_ENDS, wg, caller);
}

/* ------------------------------------------------------------------------------------------ add */

WAITGROUP_UNINSTRUMENTED_ static void open_group(waitgroup_t *wg, uint64_t state)
{
    /* Between the add that made the counter zero and this exchange nobody may change the word. It is a
     * strong exchange, so it fails only if somebody did. And it is one step: a check and then a store would
     * overwrite a change that comes in between, and nobody would know. */
    uint64_t expected = state;
    if (!__atomic_compare_exchange_n(&wg->state, &expected, 0, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        waitgroup_panic_(wg, PANIC_MISUSE, NULL);
    waitgroup_sema_release_(&wg->sema, state_waiters(state));
}

WAITGROUP_ENTRY_ void waitgroup_settle_(waitgroup_t *wg, int delta, uint64_t now)
{
    switch (state_after_add(now, delta)) {
    case STATE_SETTLED:
        return;
    case STATE_OPENING:
        open_group(wg, now);
        return;
    case STATE_NEGATIVE:
        waitgroup_panic_(wg, PANIC_NEGATIVE, NULL);
    case STATE_OVERFLOW:
        waitgroup_panic_(wg, PANIC_OVERFLOW, NULL);
    case STATE_MISUSE:
        waitgroup_panic_(wg, PANIC_MISUSE, NULL);
    case STATE_FOREIGN:
        waitgroup_panic_(wg, PANIC_FOREIGN, NULL);
    }
}

/* The first half of add and done, in all but the frame that a report shows: that is the public function's, so
 * whatever may report stands there. */
WAITGROUP_UNINSTRUMENTED_ static inline uint64_t count(waitgroup_t *wg, int delta, const char *name,
                                                       void *caller)
{
    begin(wg, name, caller, delta < 0 ? PERTURB_BEFORE_DONE : PERTURB_BEFORE_ADD);
    race_enter(caller);
    /* Before the count: once the waiters are released, the group may be gone. */
    if (delta < 0)
        race_release_merge(wg);
    return delta >= 0 ? __atomic_add_fetch(&wg->state, state_change(delta), __ATOMIC_RELAXED)
                      : __atomic_add_fetch(&wg->state, state_change(delta), __ATOMIC_RELEASE);
}

WAITGROUP_ENTRY_ void waitgroup_add(waitgroup_t *wg, int delta)
{
    waitgroup_check_(wg);
    const uint64_t now = count(wg, delta, __func__, __builtin_return_address(0));
    /* The first add must be ordered before Wait. A read, because several adds may raise the counter
     * from zero, one after the other and unordered: they must not conflict among themselves. */
    if (state_is_first_add(now, delta))
        race_read(&wg->race);
    race_exit();
    waitgroup_settle_(wg, delta, now);
    end(wg, __func__, __builtin_return_address(0), delta < 0 ? PERTURB_AFTER_DONE : PERTURB_AFTER_ADD);
}

WAITGROUP_ENTRY_ void waitgroup_done(waitgroup_t *wg)
{
    waitgroup_check_(wg);
    const uint64_t now = count(wg, -1, __func__, __builtin_return_address(0));
    race_exit();
    waitgroup_settle_(wg, -1, now);
    end(wg, __func__, __builtin_return_address(0), PERTURB_AFTER_DONE);
}

WAITGROUP_ENTRY_ void waitgroup_add_slow_(waitgroup_t *wg, int delta)
{
    waitgroup_add(wg, delta);
}

/* ----------------------------------------------------------------------------------------- wait */

enum arrival {
    ARRIVED_AT_ZERO, /* nothing to wait for */
    ARRIVED_FIRST,   /* enlisted, as the first waiter of the round */
    ARRIVED_LATER,   /* enlisted, beside others */
};

enum outcome { RELEASED, TIMED_OUT, REUSED };

WAITGROUP_UNINSTRUMENTED_ static enum arrival enlist(waitgroup_t *wg)
{
    uint64_t state = __atomic_load_n(&wg->state, __ATOMIC_ACQUIRE);
    /* A failed exchange may be the load that finds the counter at zero; the wait then returns by it, hence
     * acquire. A successful one needs no order: but before C17 the order of success must not be weaker
     * than that of failure, and compilers warn of it. */
    while (state_counter(state) != 0)
        if (__atomic_compare_exchange_n(&wg->state, &state, state + 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
            return state_waiters(state) == 0 ? ARRIVED_FIRST : ARRIVED_LATER;
    return ARRIVED_AT_ZERO;
}

/* Takes this waiter off the word again, or returns 0: it is released already, its ticket is there or
 * on its way, and would be left over if it were not taken. */
WAITGROUP_UNINSTRUMENTED_ static int withdraw(waitgroup_t *wg)
{
    uint64_t state = __atomic_load_n(&wg->state, __ATOMIC_RELAXED);
    while (state_counter(state) != 0 && state_waiters(state) != 0)
        if (__atomic_compare_exchange_n(&wg->state, &state, state - 1, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return 1;
    return 0;
}

/* After enlisting there are two ways out: with a ticket, or withdrawn. */
WAITGROUP_UNINSTRUMENTED_ static enum outcome park(waitgroup_t *wg, clockid_t clock,
                                                   const struct timespec *deadline)
{
    int error = 0;
    if (!(waitgroup_options_.stall_after && waitgroup_watch_stall_(wg, clock, deadline)))
        error = waitgroup_sema_acquire_(&wg->sema, clock, deadline);
    if (error == ETIMEDOUT) {
        if (withdraw(wg))
            return TIMED_OUT;
        waitgroup_report_unwoken_(&wg->sema);
        error = waitgroup_sema_acquire_(&wg->sema, clock, NULL);
    }
    if (error != 0) {
        race_exit();
        waitgroup_panic_no_parking_(wg, error);
    }
    /* Acquire, although taking the ticket was one: that synchronizes with the last Done alone; and where the
     * next round has begun too early, the ticket may have been meant for another waiter. */
    return __atomic_load_n(&wg->state, __ATOMIC_ACQUIRE) == 0 ? RELEASED : REUSED;
}

/* Does this wait tell TSan that it conflicts with an unordered first add? Go's model has one writer,
 * the first waiter that blocks, as plain writes of several would race with each other. Ours are atomic
 * and do not, so with strict=1 every wait writes, also one that finds zero or gives up. By default the
 * reports are Go's exactly. */
WAITGROUP_UNINSTRUMENTED_ static inline int is_modelled(enum arrival arrival)
{
    return arrival == ARRIVED_FIRST || waitgroup_options_.strict;
}

/* What is wrong with a wait that blocks, or would block if its tasks were slower. */
WAITGROUP_UNINSTRUMENTED_ static inline void check_blocking(waitgroup_t *wg, clockid_t clock,
                                                            const struct timespec *deadline)
{
    if (!waitgroup_options_.report_locks_held && !waitgroup_options_.strict)
        return;
    if (deadline) {
        const struct timespec now = timespec_after(clock, 0);
        if (!timespec_is_before(&now, deadline))
            return; /* it only asks */
    }
    if (waitgroup_options_.report_locks_held && waitgroup_race_.no_mutexes) {
        const int saved_errno = errno; /* a report sets it */
        waitgroup_race_.no_mutexes();
        errno = saved_errno;
    }
    if (waitgroup_options_.strict && state_counter(__atomic_load_n(&wg->state, __ATOMIC_RELAXED)) != 0 &&
        waitgroup_is_shared_(wg)) {
        race_exit();
        waitgroup_panic_(wg, PANIC_SHARED, NULL);
    }
}

/* A wait that timed out has learned nothing: acquiring would order it after Dones that it did not
 * wait for, and hide that their results are read too early. */
WAITGROUP_UNINSTRUMENTED_ static inline void leave(waitgroup_t *wg, enum outcome outcome)
{
    if (outcome == RELEASED)
        race_acquire(wg);
    race_exit();
    if (outcome == REUSED)
        waitgroup_panic_(wg, PANIC_REUSED, NULL);
}

WAITGROUP_ENTRY_ void waitgroup_wait(waitgroup_t *wg)
{
    waitgroup_check_(wg);
    begin(wg, __func__, __builtin_return_address(0), PERTURB_BEFORE_WAIT);
    race_enter(__builtin_return_address(0));
    check_blocking(wg, CLOCK_MONOTONIC, NULL);
    /* With TSan a wait that finds a task unfinished has to enlist: that is where misuse is seen, and whether
     * it is seen must not depend on time. */
    enum arrival arrival = !race_enabled() && waitgroup_spin_(wg) ? ARRIVED_AT_ZERO : enlist(wg);
    if (is_modelled(arrival))
        race_write(&wg->race);
    leave(wg, arrival == ARRIVED_AT_ZERO ? RELEASED : park(wg, CLOCK_MONOTONIC, NULL));
    end(wg, __func__, __builtin_return_address(0), PERTURB_AFTER_WAIT);
}

WAITGROUP_ENTRY_ void waitgroup_wait_slow_(waitgroup_t *wg)
{
    waitgroup_wait(wg);
}

WAITGROUP_ENTRY_ int waitgroup_clockwait(waitgroup_t *wg, clockid_t clock, const struct timespec *abstime)
{
    waitgroup_check_(wg);
    if ((clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME) || abstime == NULL || abstime->tv_nsec < 0 ||
        abstime->tv_nsec > 999999999)
        return EINVAL;
    begin(wg, __func__, __builtin_return_address(0), PERTURB_BEFORE_WAIT);
    race_enter(__builtin_return_address(0));
    check_blocking(wg, clock, abstime);
    /* No spinning: a deadline in the past asks without waiting. */
    enum arrival arrival = enlist(wg);
    if (is_modelled(arrival))
        race_write(&wg->race);
    enum outcome outcome = arrival == ARRIVED_AT_ZERO ? RELEASED : park(wg, clock, abstime);
    leave(wg, outcome);
    end(wg, __func__, __builtin_return_address(0), PERTURB_AFTER_WAIT);
    return outcome == TIMED_OUT ? ETIMEDOUT : 0;
}
