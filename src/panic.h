/* A broken contract that the library sees itself. */
#ifndef WAITGROUP_PANIC_H
#define WAITGROUP_PANIC_H

#include "waitgroup.h"

enum panic {
    /* Up to PANIC_FOREIGN: may mean that the memory is no group, and is then reported as that. */
    PANIC_NEGATIVE,
    PANIC_OVERFLOW,
    PANIC_MISUSE,
    PANIC_REUSED,
    PANIC_FOREIGN,
    PANIC_NULL,
    PANIC_COPIED,
    PANIC_SHARED,
    PANIC_NO_PARKING,
};

/* Tells the handler, or standard error, and aborts. The caller holds nothing that a longjmp() out of
 * the handler would leave behind. detail, which may be NULL, is a line more for standard error. */
_Noreturn void waitgroup_panic_(waitgroup_t *wg, enum panic what, const char *detail);

/* The same, for an error number of the system that no wait can go on after. */
_Noreturn void waitgroup_panic_no_parking_(waitgroup_t *wg, int error);

/* The Done that the calling thread is in is waitgroup_go()'s, after this task; NULL: it is over. The stack of
 * a panic there shows nothing of the program. */
void waitgroup_task_is_over_(void (*task)(void *));

#endif
