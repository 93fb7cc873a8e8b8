/* The parking seam: a counting semaphore of tickets in 32 bits of the group.
 *
 * A released waiter takes exactly one ticket. The release is safe against a waiter that takes its
 * ticket at once and frees the group: its addition of tickets is the last time it looks at the
 * group; what follows uses only the address, on which a stray wake is harmless. */
#ifndef WAITGROUP_SEMA_H
#define WAITGROUP_SEMA_H

#include "waitgroup.h"

/* Takes one ticket, blocking until there is one: 0. With a deadline (NULL for none; a valid time on
 * CLOCK_MONOTONIC or CLOCK_REALTIME): ETIMEDOUT if it passes first. Another error number if the system
 * refuses to block. Acquire; preserves errno. */
int waitgroup_sema_acquire_(uint32_t *sema, clockid_t clock, const struct timespec *deadline);

/* Adds n > 0 tickets and wakes n threads that wait for one. Release; preserves errno. */
void waitgroup_sema_release_(uint32_t *sema, uint32_t n);

/* One ticket without blocking: the common first half of both implementations. */
WAITGROUP_UNINSTRUMENTED_ static inline int sema_try(uint32_t *sema)
{
    uint32_t tickets = __atomic_load_n(sema, __ATOMIC_RELAXED);
    /* Acquire: pairs with the release addition of tickets, so that the waiter's look at the word, which is
     * next, finds it opened. */
    while (tickets != 0)
        if (__atomic_compare_exchange_n(sema, &tickets, tickets - 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return 1;
    return 0;
}

#endif
