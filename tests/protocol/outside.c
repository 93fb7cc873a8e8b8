/* What lies outside the model, in place of tsan/race.c and of two questions about the process.
 *
 * There is no ThreadSanitizer anywhere. Were race.c linked, it would find the entry points of the model
 * (entry.cpp) and take them for the runtime's. */
#include "race.h"

uintptr_t waitgroup_gate_;
struct waitgroup_tsan_ waitgroup_race_;
uint32_t waitgroup_race_locks_[64];

void waitgroup_race_start_(void)
{
}

void *waitgroup_race_tag_(void)
{
    return NULL;
}

void waitgroup_race_lock_contended_(uint32_t *lock)
{
    (void)lock;
}

/* The system knows of one thread, whatever the model has: it is not told (process.h). These take the
 * functions' places by ld's --wrap. */
uint32_t __wrap_waitgroup_threads_(void);
uint32_t __wrap_waitgroup_threads_(void)
{
    return UINT32_MAX;
}

int __wrap_waitgroup_is_shared_(const void *address);
int __wrap_waitgroup_is_shared_(const void *address)
{
    (void)address;
    return 0;
}
