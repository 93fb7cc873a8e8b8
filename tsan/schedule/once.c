/* pthread_once and the guards of C++'s static variables: only one thread is inside an initializer. */
#define _GNU_SOURCE
#include "entry.h"
#include "module.h"
#include "tsan.h"

static bool inside(const struct thread *thread, uintptr_t object)
{
    for (uint32_t i = 0; i < thread->inside_count; i++)
        if (thread->inside[i] == object)
            return true;
    return false;
}

static bool nobody_is_inside(const struct thread *thread)
{
    for (int i = 0; i < alive_count; i++)
        if (inside(&threads[alive[i]], thread->act.object))
            return false;
    return true;
}

static void go_inside(uintptr_t object)
{
    if (self->inside_count == sizeof self->inside / sizeof self->inside[0])
        turn_end(OUTCOME_LIMIT, "more initializers inside of each other than can be scheduled");
    self->inside[self->inside_count++] = object;
}

static void go_outside(uintptr_t object)
{
    for (uint32_t i = self->inside_count; i-- > 0;)
        if (self->inside[i] == object) {
            self->inside[i] = self->inside[--self->inside_count];
            return;
        }
}

/* An initializer that throws leaves pthread_once as if nobody had begun; TSan's would stay begun. */
static void leave_once(uintptr_t *once)
{
    if (!*once || !controlled())
        return;
    go_outside(*once);
    tsan_release(*once);
    __atomic_store_n((int *)*once, 0, __ATOMIC_RELEASE);
}

static struct entry entry_pthread_once = {.name = "pthread_once"};

static int run_once(pthread_once_t *once, void (*initialize)(void), uintptr_t pc)
{
    uintptr_t unfinished __attribute__((__cleanup__(leave_once))) = (uintptr_t)once;
    go_inside(unfinished);
    tsan_acquire(unfinished); /* what an initializer that threw has done comes before this one */
    tsan_push(pc);
    const int error = CALL_NEXT(pthread_once)(once, initialize);
    tsan_pop();
    go_outside(unfinished);
    unfinished = 0;
    return error;
}

EXPORT int pthread_once(pthread_once_t *once, void (*initialize)(void))
{
    const uintptr_t pc = (uintptr_t)__builtin_return_address(0);
    if (!controlled() || module_is_silent(pc))
        return CALL_NEXT(pthread_once)(once, initialize);
    self->call = "pthread_once";
    turn_wait((struct act){.kind = KIND_ONCE, .object = (uintptr_t)once, .pc = pc}, nobody_is_inside, NEVER);
    return run_once(once, initialize, pc);
}

static bool is_initialized(uintptr_t guard)
{
    return *(const volatile char *)guard != 0;
}

static function *on_guard_acquire(const struct call *call)
{
    const struct act act = act_of(call);
    turn_wait(act, nobody_is_inside, NEVER);
    if (!is_initialized(act.object))
        go_inside(act.object);
    return NULL;
}

static function *on_guard_release(const struct call *call)
{
    turn_act_quietly(act_of(call));
    go_outside(call->args[0]);
    return NULL;
}

THUNK(__cxa_guard_acquire, on_guard_acquire, GUARD)
THUNK(__cxa_guard_release, on_guard_release, GUARD)
THUNK(__cxa_guard_abort, on_guard_release, GUARD)
