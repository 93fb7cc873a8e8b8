/* Go's internal/race in C, over compiler-rt's ThreadSanitizer interface.
 *
 * The same words at the same places as in Go's sync.WaitGroup: what is not said here, TSan does not
 * learn. The library's atomics and its parking are invisible to it (Go: race.Disable), because the
 * library is uninstrumented; visible, they would order threads that the group does not order, and
 * hide the races of its users.
 *
 * (Reports of locks held, report_locks_held=1, are a call of this runtime too: waitgroup.c.)
 *
 * In a plain program every entry of the runtime's table is null and each verb one test. */
#ifndef WAITGROUP_RACE_H
#define WAITGROUP_RACE_H

#include "waitgroup.h"

#include <errno.h>

extern struct waitgroup_tsan_ waitgroup_race_;

/* Where the weak symbols have not told everything: looks for the table that waitgroup/tsan.h leaves in an
 * instrumented program. Once, at start. */
void waitgroup_race_start_(void);

/* Is the program built with ThreadSanitizer? */
WAITGROUP_UNINSTRUMENTED_ static inline int race_enabled(void)
{
    return waitgroup_race_.acquire != 0;
}

/* Puts the line of the caller of a public function on TSan's shadow stack, and takes it off again:
 * the library is uninstrumented, and would be missing from reports together with its call. */
WAITGROUP_UNINSTRUMENTED_ static inline void race_enter(void *caller)
{
    if (waitgroup_race_.func_entry)
        waitgroup_race_.func_entry(caller);
}

WAITGROUP_UNINSTRUMENTED_ static inline void race_exit(void)
{
    if (waitgroup_race_.func_exit)
        waitgroup_race_.func_exit();
}

/* Merges the thread's clock into that of the group (Go: race.ReleaseMerge). */
WAITGROUP_UNINSTRUMENTED_ static inline void race_release_merge(waitgroup_t *wg)
{
    if (waitgroup_race_.release)
        waitgroup_race_.release(wg);
}

/* Orders what follows after all that was released into the group (Go: race.Acquire). */
WAITGROUP_UNINSTRUMENTED_ static inline void race_acquire(waitgroup_t *wg)
{
    if (waitgroup_race_.acquire)
        waitgroup_race_.acquire(wg);
}

/* TSan checks an access against the recorded ones and then records it, in two steps. Of two
 * conflicting accesses at the very same instant each can miss the other; one at a time, neither. */
extern uint32_t waitgroup_race_locks_[64];
void waitgroup_race_lock_contended_(uint32_t *lock);

WAITGROUP_UNINSTRUMENTED_ static inline uint32_t *race_lock(const uint32_t *anchor)
{
    uint32_t *lock = &waitgroup_race_locks_[((uintptr_t)anchor >> 4) %
                                            (sizeof waitgroup_race_locks_ / sizeof *waitgroup_race_locks_)];
    /* Acquire: pairs with the release below, so that TSan's own records are seen. */
    if (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
        waitgroup_race_lock_contended_(lock);
    return lock;
}

WAITGROUP_UNINSTRUMENTED_ static inline void race_unlock(uint32_t *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* An add that takes the counter from zero reads the anchor and a wait writes it (Go: race.Read and
 * race.Write of wg.sema), so that TSan reports the two unless something orders them. Both are
 * macros, because a report names the function that the call stands in: waitgroup_add, say.
 *
 * The read is tagged: that gives the report its header and calls the object a WaitGroup. Its caller_pc
 * is 0, as with an address it is dropped under ignore_noninstrumented_modules=1.
 *
 * The write is a relaxed atomic one: it conflicts with the plain read as a plain one would, but not
 * with the write of another wait. It is the one access that TSan really carries out, so it stores
 * what is there. */
#define race_read(anchor)                                                                  \
    do {                                                                                   \
        const int errno_ = errno; /* a report is printed inside the access, and sets it */ \
        void *tag_ = waitgroup_race_tag_();                                                \
        uint32_t *lock_ = race_lock(anchor);                                               \
        if (tag_)                                                                          \
            waitgroup_race_.external_read(anchor, 0, tag_);                                \
        else if (waitgroup_race_.read4)                                                    \
            waitgroup_race_.read4(anchor);                                                 \
        race_unlock(lock_);                                                                \
        errno = errno_;                                                                    \
    } while (0)

#define race_write(anchor)                                                                    \
    do {                                                                                      \
        if (waitgroup_race_.atomic32_store) {                                                 \
            const int errno_ = errno;                                                         \
            uint32_t *lock_ = race_lock(anchor);                                              \
            waitgroup_race_.atomic32_store(anchor, __atomic_load_n(anchor, __ATOMIC_RELAXED), \
                                           __ATOMIC_RELAXED);                                 \
            race_unlock(lock_);                                                               \
            errno = errno_;                                                                   \
        }                                                                                     \
    } while (0)

/* The tag of groups, registered at first use; null where the runtime does not offer it. */
void *waitgroup_race_tag_(void);

/* Between these two TSan sees no synchronization (Go: race.Disable and race.Enable): only for calls
 * that it intercepts. */
WAITGROUP_UNINSTRUMENTED_ static inline void race_disable(void)
{
    if (waitgroup_race_.ignore_begin)
        waitgroup_race_.ignore_begin(__FILE__, __LINE__);
}

WAITGROUP_UNINSTRUMENTED_ static inline void race_enable(void)
{
    if (waitgroup_race_.ignore_end)
        waitgroup_race_.ignore_end(__FILE__, __LINE__);
}

/* TSan defers a signal's handler to the next call into its runtime: after an interrupted sleep, here.
 * The store is to a local variable, which nobody else can see. */
WAITGROUP_UNINSTRUMENTED_ static inline void race_run_deferred_signals(void)
{
    uint32_t unshared;
    if (waitgroup_race_.atomic32_store)
        waitgroup_race_.atomic32_store(&unshared, 0, __ATOMIC_RELAXED);
}

#endif
