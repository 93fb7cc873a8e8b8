/* A semaphore that does what a test says, in place of src/sema_*.c. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "sema.h"

extern int script_acquires, script_releases;   /* calls */
extern uint32_t script_released, script_taken; /* tickets */

/* What happens while a waiter sleeps: returns 0, and the waiter has a ticket, or an error number. */
extern int (*script_on_acquire)(waitgroup_t *wg, const struct timespec *deadline);

/* What happens at a release, when its tickets are out; NULL for nothing. */
extern void (*script_on_release)(waitgroup_t *wg);

#endif
