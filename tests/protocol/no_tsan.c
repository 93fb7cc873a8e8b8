/* In place of tsan/race.c: no ThreadSanitizer anywhere. Were that file linked, it would find the entry
 * points of the model (entry.cpp) and take them for the runtime's. */
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
