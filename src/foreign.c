/* The anchor word and the numbers of waiters and tickets tell memory that is no group. */
#include "foreign.h"
#include "process.h"
#include "state.h"

#include <unistd.h>

WAITGROUP_ENTRY_ int waitgroup_is_foreign_(const waitgroup_t *wg)
{
    const uint32_t anchor = __atomic_load_n(&wg->race, __ATOMIC_RELAXED);
    if (anchor != 0 && anchor != foreign_identity((uintptr_t)wg))
        return 1;
    /* The threads are counted first: a waiter that returns in between only makes the waiters fewer. After a
     * fork() their number tells nothing: the child has copies of all waiters, but only one thread. */
    const uint32_t threads = getpid() == waitgroup_born_in_ ? waitgroup_threads_() : UINT32_MAX;
    const uint32_t most = threads < STATE_MOST_WAITERS ? threads : STATE_MOST_WAITERS;
    return state_waiters(__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE)) > most ||
           __atomic_load_n(&wg->sema, __ATOMIC_RELAXED) > most;
}
