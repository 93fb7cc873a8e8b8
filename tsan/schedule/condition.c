/* Condition variables and barriers. Nobody waits in the real ones: that would keep the turn. */
#define _GNU_SOURCE
#include "clock.h"
#include "delay.h"
#include "entry.h"
#include "lock.h"
#include "shared/perturb_strategy.h"
#include "thread.h"
#include "tsan.h"

#include <errno.h>
#include <time.h>

extern struct entry entry_pthread_mutex_lock, entry_pthread_mutex_unlock;

static bool waits_on(const struct thread *thread, uintptr_t cond)
{
    return thread->act.kind == KIND_COND_WOKEN && thread->act.object == cond && thread->ready;
}

/* Woken, and the mutex is free: the wait is one piece, up to having the mutex again. */
static bool woken(const struct thread *thread)
{
    return (thread->signalled || thread->tokens > 0) && mutex_is_free(thread->mutex, thread);
}

/* A signal wakes one of those who wait by now, whichever comes first. */
static void take_token(uintptr_t cond)
{
    if (self->signalled || self->tokens == 0)
        return;
    const uint32_t left = self->tokens - 1;
    for (int i = 0; i < alive_count; i++)
        if (threads[alive[i]].tokens > 0 && waits_on(&threads[alive[i]], cond))
            threads[alive[i]].tokens = left;
}

static enum outcome sleep_on(const struct call *call, uint64_t deadline)
{
    struct act act = act_of(call);
    act.kind = KIND_COND_WOKEN;
    act.argument = call->args[1];
    self->signalled = false;
    self->tokens = 0;
    self->mutex = call->args[1];
    const enum outcome outcome = turn_wait_interruptibly(act, woken, deadline);
    if (outcome == IN_TIME)
        take_token(act.object);
    self->tokens = 0;
    return outcome;
}

static function *wait_on(const struct call *call, uint64_t deadline)
{
    struct act act = act_of(call);
    act.argument = call->args[1];
    turn_act(act);
    thread_test_cancel();
    tsan_push(call->pc);
    tsan_read(act.object, call->pc); /* for a destruction that is not ordered with this */
    const int error = ((int (*)(uintptr_t))NEXT(pthread_mutex_unlock))(call->args[1]);
    if (error) {
        tsan_pop();
        return entry_return(error);
    }
    held_remove(call->args[1]);
    enum outcome outcome = sleep_on(call, deadline);
    if (!mutex_is_free(call->args[1], self))
        turn_wait((struct act){.kind = KIND_LOCK, .object = call->args[1], .pc = call->pc}, mutex_ready,
                  NEVER);
    ((int (*)(uintptr_t))NEXT(pthread_mutex_lock))(call->args[1]);
    held_add(&(struct act){.kind = KIND_LOCK, .object = call->args[1], .pc = call->pc});
    if (outcome == INTERRUPTED) {
        thread_test_cancel();
        tsan_run_signal_handlers();
    }
    tsan_pop();
    return entry_return(outcome == TIMED_OUT ? ETIMEDOUT : 0);
}

static function *on_wait(const struct call *call)
{
    return wait_on(call, NEVER);
}

/* A condition variable measures time on the clock that it was made for. */
static function *on_timedwait(const struct call *call)
{
    const pthread_cond_t *cond = (const pthread_cond_t *)call->args[0];
    const int clock = cond->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return wait_on(call, clock_deadline(clock, (const struct timespec *)call->args[2]));
}

static function *on_clockwait(const struct call *call)
{
    return wait_on(call, clock_deadline((int)call->args[2], (const struct timespec *)call->args[3]));
}

static function *on_signal(const struct call *call)
{
    const struct act act = act_of(call);
    uint32_t tokens = 0, waiters = 0;
    turn_act(act);
    for (int i = 0; i < alive_count; i++)
        if (waits_on(&threads[alive[i]], act.object) && !threads[alive[i]].signalled) {
            waiters++;
            tokens = tokens > threads[alive[i]].tokens ? tokens : threads[alive[i]].tokens;
        }
    for (int i = 0; i < alive_count; i++)
        if (waits_on(&threads[alive[i]], act.object))
            threads[alive[i]].tokens = tokens < waiters ? tokens + 1 : waiters;
    return NULL;
}

static function *on_broadcast(const struct call *call)
{
    const struct act act = act_of(call);
    turn_act(act);
    for (int i = 0; i < alive_count; i++)
        if (waits_on(&threads[alive[i]], act.object))
            threads[alive[i]].signalled = true;
    return NULL;
}

static function *on_cond_destroy(const struct call *call)
{
    turn_act_quietly(act_of(call));
    return NULL;
}

#define SLEEP(name, hook, kind) \
    THUNK_WITH_DELAYS(name, hook, kind, 0, PERTURB_BEFORE_SLEEP, PERTURB_AFTER_SLEEP)
#define SIGNAL(name, hook, kind) \
    THUNK_WITH_DELAYS(name, hook, kind, 0, PERTURB_BEFORE_SIGNAL, PERTURB_AFTER_SIGNAL)

SLEEP(pthread_cond_wait, on_wait, COND_WAIT)
SLEEP(pthread_cond_timedwait, on_timedwait, COND_WAIT)
SLEEP(pthread_cond_clockwait, on_clockwait, COND_WAIT)
SIGNAL(pthread_cond_signal, on_signal, COND_SIGNAL)
SIGNAL(pthread_cond_broadcast, on_broadcast, COND_BROADCAST)
THUNK(pthread_cond_init, on_cond_destroy, DESTROY)
THUNK(pthread_cond_destroy, on_cond_destroy, DESTROY)

/* ------------------------------------------------------------------------------------ barriers */

/* How glibc begins a barrier. */
struct barrier {
    unsigned in, current_round, count;
};

static bool passed(const struct thread *thread)
{
    return thread->signalled;
}

static bool is_at(const struct thread *thread, uintptr_t barrier)
{
    const enum schedule_kind kind = thread->act.kind;
    return (kind == KIND_BARRIER_PASSED || kind == KIND_INVISIBLE) && thread->act.object == barrier &&
           thread->ready && !thread->signalled;
}

/* True for the one who completes the round. */
static bool arrive(uintptr_t barrier, unsigned count)
{
    unsigned arrived = 1;
    for (int i = 0; i < alive_count; i++)
        arrived += is_at(&threads[alive[i]], barrier);
    if (arrived < count)
        return false;
    for (int i = 0; i < alive_count; i++)
        if (is_at(&threads[alive[i]], barrier))
            threads[alive[i]].signalled = true;
    return true;
}

static bool meet(struct act act, unsigned count)
{
    if (arrive(act.object, count))
        return true;
    act.kind = act.kind == KIND_BARRIER ? KIND_BARRIER_PASSED : KIND_INVISIBLE;
    act.reads = true;
    self->signalled = false;
    turn_wait(act, passed, NEVER);
    return false;
}

/* TSan's own would wait: told apart, it is a read and a release on arrival and an acquire on leaving.
 * glibc's destruction waits until all have left, so there is no read on leaving. */
static function *on_barrier(const struct call *call)
{
    const struct act act = act_of(call);
    turn_act(act);
    tsan_read(act.object, call->pc);
    tsan_release(act.object);
    const bool last = meet(act, ((const struct barrier *)act.object)->count);
    tsan_acquire(act.object);
    return entry_return(last ? PTHREAD_BARRIER_SERIAL_THREAD : 0);
}

/* The barrier of TSan's own tests, which orders threads without its knowledge. Its lowest ten bits are for
 * how many it is. */
static function *on_invisible_barrier(const struct call *call)
{
    const struct act act = act_of(call);
    turn_act(act);
    meet(act, *(const volatile uint32_t *)act.object & 1023);
    return entry_return(0);
}

SLEEP(pthread_barrier_wait, on_barrier, BARRIER)
THUNK(__tsan_testonly_barrier_wait, on_invisible_barrier, INVISIBLE)
