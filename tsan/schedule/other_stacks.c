/* Stacks that a program brings along may be local variables: a higher place on such a one is no return. */
#define _GNU_SOURCE
#include "entry.h"
#include "locals.h"

#include <signal.h>
#include <ucontext.h>

static function *on_signal_stack(const struct call *call)
{
    const stack_t *const given = (const stack_t *)call->args[0];
    if (given)
        locals_signal_stack((uintptr_t)given->ss_sp, given->ss_flags & SS_DISABLE ? 0 : given->ss_size);
    return NULL;
}

static function *on_context(const struct call *call)
{
    locals_coroutine((uintptr_t)((const ucontext_t *)call->args[0])->uc_stack.ss_sp);
    return NULL;
}

THUNK(sigaltstack, on_signal_stack, SIGNAL)
THUNK(makecontext, on_context, CALL)
