/* Creation, end, join, cancellation. */
#define _GNU_SOURCE
#include "clock.h"
#include "delay.h"
#include "entry.h"
#include "locals.h"
#include "shared/perturb_strategy.h"
#include "thread.h"
#include "tsan.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/* A thread ends when its cleanup handlers and destructors have run. These run in four rounds; TSan ends
 * the thread for itself in the last, so ours comes in the third, and the program's up to then are under
 * control. Each round asks for the next. */
enum { LAST_ROUND = 3 };

static pthread_key_t ending;

static void end_thread(void *rounds)
{
    const uintptr_t left = (uintptr_t)rounds;
    if (!controlled())
        return;
    if (left > 1) {
        pthread_setspecific(ending, (void *)(left - 1));
        return;
    }
    locals_end();
    turn_finish();
    if (alive_count > 0)
        return;
    shared->result.ending = 1;
    exit(0); /* main() has left by pthread_exit(); TSan's background thread would live on for ever */
}

void thread_prepare(void)
{
    pthread_key_create(&ending, end_thread);
}

void thread_begin_main(void)
{
    tsan_shift(shared->request.phase);
    locals_begin_main();
    pthread_setspecific(ending, (void *)LAST_ROUND);
}

static void *begin(void *argument)
{
    struct thread *thread = argument;
    turn_start(thread);
    tsan_shift(shared->request.phase);
    locals_begin();
    pthread_setspecific(ending, (void *)LAST_ROUND);
    return thread->task(thread->argument);
}

static struct entry entry_pthread_create = {.name = "pthread_create"};

static int create_controlled(pthread_t *handle, const pthread_attr_t *attributes, void *(*task)(void *),
                             void *argument, uintptr_t pc)
{
    struct thread *child = turn_new_thread();
    if (!child)
        turn_end(OUTCOME_LIMIT, "more threads than can be scheduled");
    child->task = task;
    child->argument = argument;
    child->act.pc = (uintptr_t)task;
    locals_leave((uintptr_t)__builtin_frame_address(0), pc);
    tsan_push(pc);
    const int error = CALL_NEXT(pthread_create)(handle, attributes, begin, child);
    tsan_pop();
    if (error) {
        turn_forget_thread(child);
        return error;
    }
    child->handle = *handle;
    shared->result.starts[child->id] = (uintptr_t)task;
    shared->result.creators[child->id] = (uint16_t)self->id;
    turn_act_quietly((struct act){
        .kind = KIND_CREATE, .object = (uintptr_t)child, .pc = pc, .argument = (uint64_t)child->id});
    return 0;
}

EXPORT int pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*task)(void *),
                          void *argument)
{
    const uintptr_t pc = (uintptr_t)__builtin_return_address(0);
    if (controlled())
        return create_controlled(handle, attributes, task, argument, pc);
    return delay_create(CALL_NEXT(pthread_create), handle, attributes, task, argument, pc);
}

/* -------------------------------------------------------------------------------- join and cancel */

/* Handles are used again: the youngest that nobody has joined. */
static struct thread *thread_of(pthread_t handle)
{
    for (int i = thread_count - 1; i >= 0; i--)
        if (threads[i].handle == handle && !threads[i].joined && !threads[i].detached)
            return &threads[i];
    return NULL;
}

static bool has_finished(const struct thread *thread)
{
    return ((const struct thread *)thread->act.object)->finished;
}

static enum outcome join(const struct call *call, struct thread *joined, uint64_t deadline)
{
    struct act act = act_of(call);
    act.object = (uintptr_t)joined;
    act.argument = (uint64_t)joined->id;
    enum outcome outcome;
    while ((outcome = turn_wait_interruptibly(act, has_finished, deadline)) == INTERRUPTED) {
        thread_test_cancel();
        tsan_run_signal_handlers();
    }
    joined->joined = outcome == IN_TIME;
    return outcome;
}

static function *on_join(const struct call *call)
{
    struct thread *joined = thread_of(call->args[0]);
    if (joined && joined != self)
        join(call, joined, NEVER);
    return NULL;
}

extern struct entry entry_pthread_join;

static function *on_tryjoin(const struct call *call)
{
    struct thread *joined = thread_of(call->args[0]);
    if (!joined)
        return NULL;
    struct act act = act_of(call);
    act.object = (uintptr_t)joined;
    act.argument = (uint64_t)joined->id;
    look(act, joined->finished);
    if (!joined->finished)
        return entry_return(EBUSY);
    joined->joined = true;
    return NEXT(pthread_join); /* it may still be on its way out: TSan's tryjoin would find it busy */
}

static function *timed_join(const struct call *call, uint64_t deadline)
{
    struct thread *joined = thread_of(call->args[0]);
    if (!joined || joined == self)
        return NULL;
    return join(call, joined, deadline) == IN_TIME ? NEXT(pthread_join) : entry_return(ETIMEDOUT);
}

static function *on_timedjoin(const struct call *call)
{
    return timed_join(call, clock_deadline(CLOCK_REALTIME, (const struct timespec *)call->args[2]));
}

static function *on_clockjoin(const struct call *call)
{
    return timed_join(call, clock_deadline((int)call->args[2], (const struct timespec *)call->args[3]));
}

extern struct entry entry_pthread_testcancel;

void thread_test_cancel(void)
{
    CALL_NEXT(pthread_testcancel)();
}

/* In a loop it may be all that the thread does until somebody cancels it. */
static function *on_test_cancel(const struct call *call)
{
    struct act act = {.kind = KIND_CANCEL_POINT, .object = (uintptr_t)self, .pc = call->pc};
    look_in_loop(act, 0);
    return NULL;
}

static function *on_detach(const struct call *call)
{
    struct thread *thread = thread_of(call->args[0]);
    if (thread) {
        turn_act_quietly(act_of(call));
        thread->detached = true;
    }
    return NULL;
}

static function *on_cancel_state(const struct call *call)
{
    self->cancel_disabled = (int)call->args[0] == PTHREAD_CANCEL_DISABLE;
    return NULL;
}

static function *on_cancel(const struct call *call)
{
    struct thread *thread = thread_of(call->args[0]);
    turn_act(act_of(call));
    orders_touch_all(); /* the other one may stand anywhere */
    if (thread)
        thread->cancelled = true; /* what it waits in is over */
    return NULL;
}

THUNK_WITH_DELAYS(pthread_join, on_join, JOIN, 0, PERTURB_BEFORE_JOIN, PERTURB_AFTER_JOIN)
THUNK(pthread_tryjoin_np, on_tryjoin, JOIN)
THUNK(pthread_timedjoin_np, on_timedjoin, JOIN)
THUNK(pthread_clockjoin_np, on_clockjoin, JOIN)
THUNK(pthread_detach, on_detach, DETACH)
THUNK(pthread_cancel, on_cancel, CANCEL)
THUNK(pthread_testcancel, on_test_cancel, CANCEL_POINT)
THUNK(pthread_setcancelstate, on_cancel_state, CANCEL)

/* ------------------------------------------------------------------------------------ C11 threads */

static struct entry entry_thrd_create = {.name = "thrd_create"};

EXPORT int thrd_create(void *handle, int (*task)(void *), void *argument);
EXPORT int thrd_create(void *handle, int (*task)(void *), void *argument)
{
    if (controlled())
        turn_end(OUTCOME_REFUSED,
                 "the program starts a C11 thread (thrd_create), which ThreadSanitizer does not "
                 "know: use pthread_create");
    return ((int (*)(void *, int (*)(void *), void *))NEXT(thrd_create))(handle, task, argument);
}
