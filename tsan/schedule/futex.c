/* futex(): what std::atomic's wait and this project's library sleep by. */
#define _GNU_SOURCE
#include "clock.h"
#include "entry.h"
#include "thread.h"
#include "tsan.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

static uint64_t turns;

static bool woken(const struct thread *thread)
{
    return thread->signalled;
}

static uint32_t seventh_argument(const struct call *call)
{
#if defined __x86_64__
    return (uint32_t)call->args[7]; /* on the stack, above the return address */
#else
    return (uint32_t)call->args[6];
#endif
}

static uint32_t bits_of(const struct call *call)
{
    const int operation = (int)call->args[2] & FUTEX_CMD_MASK;
    return operation == FUTEX_WAIT_BITSET || operation == FUTEX_WAKE_BITSET ? seventh_argument(call)
                                                                            : FUTEX_BITSET_MATCH_ANY;
}

static bool waits_on(const struct thread *thread, uintptr_t word)
{
    return thread->act.kind == KIND_FUTEX_WOKEN && thread->futex == word && thread->ready &&
           !thread->signalled;
}

static uint64_t deadline_of(const uintptr_t *args, int operation)
{
    const struct timespec *time = (const struct timespec *)(self->nap ? self->nap_deadline : args[4]);
    if (!time)
        return NEVER;
    if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT)
        return clock_after(time) + 1;
    return clock_deadline(operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, time);
}

/* In a call of the library an act is on its object, with all that its return looks at. */
static struct act act_on(const struct call *call, enum schedule_kind kind)
{
    return (struct act){
        .kind = kind, .object = self->in_call ? self->call_object : call->args[1], .pc = call->pc, .size = 4};
}

static function *wait(const struct call *call)
{
    const int operation = (int)call->args[2];
    struct act act = act_on(call, KIND_FUTEX_WAIT);
    turn_act(act);
    if (*(const volatile uint32_t *)call->args[1] != (uint32_t)call->args[3])
        return entry_fail(EAGAIN);
    act.kind = KIND_FUTEX_WOKEN;
    self->signalled = false;
    self->futex = call->args[1];
    self->futex_bits = bits_of(call);
    self->futex_turn = ++turns;
    switch (turn_wait_interruptibly(act, woken, deadline_of(call->args, operation))) {
    case IN_TIME:
        return entry_return(0);
    case TIMED_OUT:
        return entry_fail(ETIMEDOUT);
    default:
        thread_test_cancel();
        tsan_run_signal_handlers();
        return entry_fail(EINTR);
    }
}

/* First come, first woken. */
static struct thread *first_waiter(uintptr_t word, uint32_t bits)
{
    struct thread *first = NULL;
    for (int i = 0; i < alive_count; i++) {
        struct thread *thread = &threads[alive[i]];
        if (waits_on(thread, word) && (thread->futex_bits & bits) &&
            (!first || thread->futex_turn < first->futex_turn))
            first = thread;
    }
    return first;
}

static long wake_some(const struct call *call)
{
    long count = 0;
    struct thread *first;
    while (count < (int)call->args[3] && (first = first_waiter(call->args[1], bits_of(call)))) {
        first->signalled = true;
        count++;
    }
    return count;
}

static function *wake(const struct call *call)
{
    turn_act(act_on(call, KIND_FUTEX_WAKE));
    return entry_return(wake_some(call));
}

/* Some are woken, others wait on another word from now on. */
static function *requeue(const struct call *call)
{
    const bool compares = ((int)call->args[2] & FUTEX_CMD_MASK) == FUTEX_CMP_REQUEUE;
    turn_act(act_on(call, KIND_FUTEX_WAKE));
    orders_touch(call->args[5], 1, true);
    if (compares && *(const volatile uint32_t *)call->args[1] != seventh_argument(call))
        return entry_fail(EAGAIN);
    const long count = wake_some(call);
    long moved = 0;
    struct thread *first;
    while (moved < (int)call->args[4] && call->args[5] != call->args[1] &&
           (first = first_waiter(call->args[1], FUTEX_BITSET_MATCH_ANY))) {
        first->futex = call->args[5];
        first->futex_turn = ++turns;
        moved++;
    }
    return entry_return(compares ? count + moved : count);
}

static function *on_syscall(const struct call *call)
{
    if (call->args[0] != SYS_futex)
        return NULL;
    switch ((int)call->args[2] & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return wait(call);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return wake(call);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        return requeue(call);
    default:
        turn_inexact("the program uses an operation of futex() that is not modelled");
        return NULL;
    }
}

/* syscall() takes up to seven arguments, the last on the stack, which a jump leaves as it is. */
THUNK(syscall, on_syscall, CALL)
