/* The end of local variables' lives. */
#ifndef SCHEDULE_LOCALS_H
#define SCHEDULE_LOCALS_H

#include "turn.h"

void locals_begin_main(void);
void locals_begin(void); /* in a new thread */
/* The running thread does something at pc; its stack is in use above this place. */
void locals_leave(uintptr_t stack, uintptr_t pc);
/* Its handlers run on this one; size 0: on its own. */
void locals_signal_stack(uintptr_t begin, size_t size);
/* A coroutine is to run on this one: if that is a part of the thread's own, it is asked no more. */
void locals_coroutine(uintptr_t stack);
void locals_end(void); /* its function has returned */

#endif
