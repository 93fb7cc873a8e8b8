/* Whether a mutex is free: asked by whoever takes one back, after a condition wait too. */
#ifndef SCHEDULE_LOCK_H
#define SCHEDULE_LOCK_H

#include "turn.h"

bool mutex_is_free(uintptr_t mutex, const struct thread *thread); /* to that thread */
condition mutex_ready; /* the act's object is a mutex that is free */

#endif
