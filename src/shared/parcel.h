/* What a new thread needs at its start reaches it without an allocation: in one of a few static parcels,
 * which it gives back as soon as it has read it. Here, which of them are taken: a bit for each in a word.
 * Shared by waitgroup_go (src/spawn.c) and the delays around pthread_create (tsan/schedule/delay.c). */
#ifndef SHARED_PARCEL_H
#define SHARED_PARCEL_H

#include "waitgroup.h"

enum { PARCELS = 64 };

/* The number of a parcel that was free; -1 if all are under way. */
WAITGROUP_UNINSTRUMENTED_ static inline int parcel_take(uint64_t *all_taken)
{
    uint64_t taken = __atomic_load_n(all_taken, __ATOMIC_RELAXED);
    while (~taken != 0) {
        const int i = __builtin_ctzll(~taken);
        /* Acquire: pairs with the release in parcel_give_back(): its reader is through with it. */
        if (__atomic_compare_exchange_n(all_taken, &taken, taken | UINT64_C(1) << i, 0, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return i;
    }
    return -1;
}

WAITGROUP_UNINSTRUMENTED_ static inline void parcel_give_back(uint64_t *all_taken, int number)
{
    __atomic_fetch_and(all_taken, ~(UINT64_C(1) << number), __ATOMIC_RELEASE);
}

#endif
