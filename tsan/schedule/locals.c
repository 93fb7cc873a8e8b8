/* When a function returns, its variables are gone: whoever still uses them is wrong, and whoever has used
 * them must have said so by some synchronization. ThreadSanitizer knows nothing of that, so it is told here,
 * each time that a thread does something, of a write to all that the thread has left of its stack since the
 * last time. */
#include "locals.h"
#include "tsan.h"

#include <sys/auxv.h>

/* Within these there is nothing but the thread's stack: TSan makes smaller ones larger. */
enum { MAIN_STACK = 8 << 20, OTHER_STACK = 64 << 10 };
enum { MOST = 64 << 10 }; /* bytes that are written at once: a call with a huge frame takes no longer */

void locals_begin_main(void)
{
    self->stack_begin = getauxval(AT_EXECFN);
}

void locals_begin(void)
{
    self->stack_begin = (uintptr_t)__builtin_frame_address(0);
}

/* TSan names it as the function that writes. */
static __attribute__((__noinline__)) void locals_of_returned_functions(uintptr_t from, uintptr_t to)
{
    tsan_write(from, to - from);
    __asm__ volatile(""); /* no tail call, which would not be of this function */
}

static void leave(uintptr_t stack, uintptr_t pc)
{
    const uintptr_t deepest = self->deepest;
    self->deepest = stack;
    if (deepest == 0 || deepest >= stack)
        return;
    tsan_push(pc);
    locals_of_returned_functions(stack - deepest > MOST ? stack - MOST : deepest, stack);
    tsan_pop();
}

static bool is_own(uintptr_t stack)
{
    return self->stack_begin - stack <= (self->id == 0 ? MAIN_STACK : OTHER_STACK);
}

/* Handlers of signals and coroutines have stacks of their own. */
void locals_leave(uintptr_t stack, uintptr_t pc)
{
    if (is_own(stack) && stack - self->signal_stack > self->signal_stack_size)
        leave(stack, pc);
}

/* The main thread's stack outlives it, and programs rely on that. */
void locals_end(void)
{
    if (self->id != 0)
        leave(self->stack_begin, (uintptr_t)self->task + 1);
}

void locals_signal_stack(uintptr_t begin, size_t size)
{
    self->signal_stack = begin;
    self->signal_stack_size = size;
}

void locals_coroutine(uintptr_t stack)
{
    if (is_own(stack))
        self->stack_begin = 0;
}
