/* Whether a mutex is free: a condition wait ends by taking its mutex again (condition.c). */
#ifndef SCHEDULE_LOCK_H
#define SCHEDULE_LOCK_H

#include "turn.h"

bool mutex_is_free(uintptr_t mutex, const struct thread *thread); /* to that thread */
condition mutex_ready; /* the act's object is a mutex that is free */

#endif
