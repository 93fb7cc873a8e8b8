/* The runtime's addresses, its tag for groups, and the gate that the inline fast paths ask. */
#define WAITGROUP_NAME_TSAN_
#include "race.h"

#include <sched.h>

/* Weak symbols: null in a plain program, the runtime in one with TSan, each for itself. */
struct waitgroup_tsan_ waitgroup_race_ = WAITGROUP_TSAN_RUNTIME_;

/* Closed until waitgroup.c knows better: out of line is right in every program. */
uintptr_t waitgroup_gate_ = UINTPTR_MAX;

WAITGROUP_ENTRY_ void waitgroup_use_tsan_(const struct waitgroup_tsan_ *runtime)
{
    /* Normally the weak symbols have told the same, and earlier. */
    if (race_enabled() || !runtime->acquire)
        return;
    waitgroup_race_ = *runtime;
    waitgroup_gate_ = UINTPTR_MAX;
}

WAITGROUP_ENTRY_ void *waitgroup_race_tag_(void)
{
    static void *tag;
    void *registered = __atomic_load_n(&tag, __ATOMIC_RELAXED);
    if (registered || !waitgroup_race_.external_read || !waitgroup_race_.register_tag ||
        !waitgroup_race_.register_header)
        return registered;
    /* Two threads may come here together: two tags, with the same texts. */
    registered = waitgroup_race_.register_tag("WaitGroup");
    waitgroup_race_.register_header(registered,
                                    "WaitGroup misuse: Add called concurrently with Wait "
                                    "(call Add before the thread it counts is started, and before Wait)");
    __atomic_store_n(&tag, registered, __ATOMIC_RELAXED);
    return registered;
}

static uint32_t locks[64];

WAITGROUP_UNINSTRUMENTED_ static uint32_t *lock_of(const uint32_t *anchor)
{
    return &locks[((uintptr_t)anchor >> 4) % (sizeof locks / sizeof *locks)];
}

/* Bounded: whoever holds it may be printing a report, or be the very thread that asks, in a callback
 * of a report or in a handler that TSan deferred to this access. Without the lock the access is only
 * less certain to be seen. */
WAITGROUP_ENTRY_ void waitgroup_race_lock_(const uint32_t *anchor)
{
    uint32_t *lock = lock_of(anchor);
    for (int patience = 1000; patience > 0; patience--) {
        /* Acquire: pairs with the release below, so that TSan's own records are seen. */
        if (!__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
            return;
        if (patience < 900)
            sched_yield();
    }
}

WAITGROUP_ENTRY_ void waitgroup_race_unlock_(const uint32_t *anchor)
{
    __atomic_store_n(lock_of(anchor), 0, __ATOMIC_RELEASE);
}
