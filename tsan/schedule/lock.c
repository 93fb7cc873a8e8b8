/* Mutexes, rwlocks, spin locks, semaphores. Whether one would block, the object itself says: glibc's
 * lock words, which no other thread changes meanwhile. What has no end in TSan's older runtimes (a
 * clocklock, which they do not know) goes on to the plain lock, once that is free.
 *
 * In one file: each kind is a few lines on what all have in common, the attempt, the wait, the deadline. */
#define _GNU_SOURCE
#include "clock.h"
#include "delay.h"
#include "entry.h"
#include "lock.h"
#include "shared/perturb_strategy.h"
#include "thread.h"
#include "tsan.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

enum { OWNER_DIED = 0x40000000, KIND_ROBUST = 16, KIND_INHERITS = 32, TID_MASK = 0x3fffffff };

extern struct entry entry_pthread_mutex_lock, entry_pthread_rwlock_rdlock, entry_pthread_rwlock_wrlock,
    entry_sem_wait;

/* ------------------------------------------------------------------------------------- mutexes */

bool mutex_is_free(uintptr_t address, const struct thread *thread)
{
    const pthread_mutex_t *mutex = (const pthread_mutex_t *)address;
    const int word = mutex->__data.__lock, kind = mutex->__data.__kind;
    if (word == 0 || ((kind & KIND_ROBUST) && (word & OWNER_DIED)))
        return true;
    if ((kind & KIND_INHERITS) && (word & TID_MASK) == 0)
        return true;
    const int type = kind & 3;
    return (type == PTHREAD_MUTEX_RECURSIVE || type == PTHREAD_MUTEX_ERRORCHECK) &&
           mutex->__data.__owner == thread->number;
}

bool mutex_ready(const struct thread *thread)
{
    return mutex_is_free(thread->act.object, thread);
}

static function *on_mutex_lock(const struct call *call)
{
    const struct act act = act_of(call);
    turn_wait(act, mutex_ready, NEVER);
    held_add(&act);
    return NULL;
}

/* An attempt that finds the lock taken may have found nothing new (look.c). */
static bool attempt(struct act act, bool (*is_free)(uintptr_t, const struct thread *))
{
    orders_try();
    if (is_free(act.object, self))
        turn_act(act);
    else
        look(act, 1);
    if (!is_free(act.object, self)) {
        trace_amend(EVENT_FAILED);
        return false;
    }
    turn_changed();
    orders_touch(act.object, 1, true);
    held_add(&act);
    return true;
}

static function *on_mutex_trylock(const struct call *call)
{
    attempt(act_of(call), mutex_is_free);
    return NULL;
}

/* The lock that a wait with a deadline ends in, or ETIMEDOUT. */
static function *timed_lock(struct act act, condition *ready, uint64_t deadline, struct entry *lock)
{
    orders_try();
    if (turn_wait(act, ready, deadline) != IN_TIME)
        return entry_return(ETIMEDOUT);
    held_add(&act);
    return entry_next(lock);
}

static uint64_t timed_deadline(const struct call *call)
{
    return clock_deadline(CLOCK_REALTIME, (const struct timespec *)call->args[1]);
}

static uint64_t clock_deadline_of(const struct call *call)
{
    return clock_deadline((int)call->args[1], (const struct timespec *)call->args[2]);
}

static function *on_mutex_timedlock(const struct call *call)
{
    return timed_lock(act_of(call), mutex_ready, timed_deadline(call), &entry_pthread_mutex_lock);
}

static function *on_mutex_clocklock(const struct call *call)
{
    return timed_lock(act_of(call), mutex_ready, clock_deadline_of(call), &entry_pthread_mutex_lock);
}

static function *on_unlock(const struct call *call)
{
    const struct act act = act_of(call);
    if (orders_unlock_is_choice())
        turn_act(act);
    else
        turn_act_quietly(act);
    held_remove(act.object);
    return NULL;
}

#define LOCK(name, hook, kind) THUNK_WITH_DELAYS(name, hook, kind, 0, PERTURB_BEFORE_LOCK, PERTURB_AFTER_LOCK)

#define UNLOCK(name, hook, kind) THUNK_WITH_DELAYS(name, hook, kind, 0, -1, PERTURB_AFTER_UNLOCK)

LOCK(pthread_mutex_lock, on_mutex_lock, LOCK)
LOCK(pthread_mutex_trylock, on_mutex_trylock, TRYLOCK)
LOCK(pthread_mutex_timedlock, on_mutex_timedlock, LOCK)
LOCK(pthread_mutex_clocklock, on_mutex_clocklock, LOCK)
UNLOCK(pthread_mutex_unlock, on_unlock, UNLOCK)

/* ------------------------------------------------------------------------------------- rwlocks */

enum { RW_WRITE_LOCKED = 2, RW_READERS = 3 };

static bool can_read(uintptr_t address, const struct thread *thread)
{
    (void)thread;
    return !(((const pthread_rwlock_t *)address)->__data.__readers & RW_WRITE_LOCKED);
}

static bool can_write(uintptr_t address, const struct thread *thread)
{
    return can_read(address, thread) &&
           ((const pthread_rwlock_t *)address)->__data.__readers >> RW_READERS == 0;
}

/* glibc refuses with EDEADLK whoever writes already. */
static bool writes_itself(const struct thread *thread)
{
    const pthread_rwlock_t *lock = (const pthread_rwlock_t *)thread->act.object;
    return (lock->__data.__readers & RW_WRITE_LOCKED) && lock->__data.__cur_writer == thread->number;
}

/* With some kinds of lock a new reader waits behind a writer who waits for the readers. */
static bool writer_goes_first(const struct thread *reader)
{
    const pthread_rwlock_t *lock = (const pthread_rwlock_t *)reader->act.object;
    if (lock->__data.__flags != PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP ||
        lock->__data.__readers >> RW_READERS == 0)
        return false;
    for (int i = 0; i < alive_count; i++) {
        const struct thread *other = &threads[alive[i]];
        if (other != reader && other->ready && other->act.kind == KIND_WRITE_LOCK &&
            other->act.object == reader->act.object)
            return true;
    }
    return false;
}

static bool read_ready(const struct thread *thread)
{
    return (can_read(thread->act.object, thread) && !writer_goes_first(thread)) || writes_itself(thread);
}

static bool write_ready(const struct thread *thread)
{
    return can_write(thread->act.object, thread) || writes_itself(thread);
}

static function *wait_for_rwlock(const struct call *call, condition *ready)
{
    const struct act act = act_of(call);
    turn_wait(act, ready, NEVER);
    held_add(&act);
    return NULL;
}

static function *on_rdlock(const struct call *call)
{
    return wait_for_rwlock(call, read_ready);
}

static function *on_wrlock(const struct call *call)
{
    return wait_for_rwlock(call, write_ready);
}

static function *on_tryrdlock(const struct call *call)
{
    attempt(act_of(call), can_read);
    return NULL;
}

static function *on_trywrlock(const struct call *call)
{
    attempt(act_of(call), can_write);
    return NULL;
}

static function *on_timedrdlock(const struct call *call)
{
    return timed_lock(act_of(call), read_ready, timed_deadline(call), &entry_pthread_rwlock_rdlock);
}

static function *on_timedwrlock(const struct call *call)
{
    return timed_lock(act_of(call), write_ready, timed_deadline(call), &entry_pthread_rwlock_wrlock);
}

static function *on_clockrdlock(const struct call *call)
{
    return timed_lock(act_of(call), read_ready, clock_deadline_of(call), &entry_pthread_rwlock_rdlock);
}

static function *on_clockwrlock(const struct call *call)
{
    return timed_lock(act_of(call), write_ready, clock_deadline_of(call), &entry_pthread_rwlock_wrlock);
}

LOCK(pthread_rwlock_rdlock, on_rdlock, READ_LOCK)
LOCK(pthread_rwlock_wrlock, on_wrlock, WRITE_LOCK)
LOCK(pthread_rwlock_tryrdlock, on_tryrdlock, TRYLOCK)
LOCK(pthread_rwlock_trywrlock, on_trywrlock, TRYLOCK)
LOCK(pthread_rwlock_timedrdlock, on_timedrdlock, READ_LOCK)
LOCK(pthread_rwlock_timedwrlock, on_timedwrlock, WRITE_LOCK)
LOCK(pthread_rwlock_clockrdlock, on_clockrdlock, READ_LOCK)
LOCK(pthread_rwlock_clockwrlock, on_clockwrlock, WRITE_LOCK)
UNLOCK(pthread_rwlock_unlock, on_unlock, RW_UNLOCK)

/* ---------------------------------------------------------------------------------- spin locks */

static bool spin_is_free(uintptr_t address, const struct thread *thread)
{
    (void)thread;
#if defined __x86_64__
    return *(const volatile int *)address > 0;
#else
    return *(const volatile int *)address == 0;
#endif
}

static bool spin_ready(const struct thread *thread)
{
    return spin_is_free(thread->act.object, thread);
}

static function *on_spin_lock(const struct call *call)
{
    const struct act act = act_of(call);
    turn_wait(act, spin_ready, NEVER);
    held_add(&act);
    return NULL;
}

static function *on_spin_trylock(const struct call *call)
{
    attempt(act_of(call), spin_is_free);
    return NULL;
}

LOCK(pthread_spin_lock, on_spin_lock, SPIN_LOCK)
LOCK(pthread_spin_trylock, on_spin_trylock, TRYLOCK)
UNLOCK(pthread_spin_unlock, on_unlock, SPIN_UNLOCK)

/* ---------------------------------------------------------------------------------- semaphores */

static bool sem_is_positive(uintptr_t address, const struct thread *thread)
{
    (void)thread;
    return *(const volatile uint32_t *)address > 0; /* the low half of a word, on 64-bit machines */
}

static bool sem_ready(const struct thread *thread)
{
    return sem_is_positive(thread->act.object, thread);
}

static function *interrupted(void)
{
    thread_test_cancel();
    tsan_run_signal_handlers();
    return entry_fail(EINTR);
}

static function *wait_for_sem(const struct call *call, uint64_t deadline)
{
    switch (turn_wait_interruptibly(act_of(call), sem_ready, deadline)) {
    case IN_TIME:
        return NEXT(sem_wait);
    case TIMED_OUT:
        return entry_fail(ETIMEDOUT);
    default:
        return interrupted();
    }
}

/* The kernel goes on with it after a handler that asks for that; not with one that has a deadline. */
static function *on_sem_wait(const struct call *call)
{
    for (;;) {
        if (turn_wait_interruptibly(act_of(call), sem_ready, NEVER) == IN_TIME)
            return NEXT(sem_wait);
        function *const result = interrupted();
        if (!signal_restarts())
            return result;
    }
}

static function *on_sem_timedwait(const struct call *call)
{
    return wait_for_sem(call, timed_deadline(call));
}

static function *on_sem_clockwait(const struct call *call)
{
    return wait_for_sem(call, clock_deadline_of(call));
}

static function *on_sem_trywait(const struct call *call)
{
    const struct act act = act_of(call);
    if (sem_ready(&(struct thread){.act = act}))
        turn_act(act);
    else
        look(act, 1);
    if (sem_is_positive(act.object, self))
        turn_changed();
    else
        trace_amend(EVENT_FAILED);
    orders_touch(act.object, 1, true);
    return NULL;
}

static function *on_sem_post(const struct call *call)
{
    turn_act(act_of(call));
    return NULL;
}

static function *on_sem_getvalue(const struct call *call)
{
    struct act act = act_of(call);
    act.reads = true;
    look(act, *(const volatile uint32_t *)act.object);
    return NULL;
}

#define SLEEP(name, hook, kind) \
    THUNK_WITH_DELAYS(name, hook, kind, 0, PERTURB_BEFORE_SLEEP, PERTURB_AFTER_SLEEP)

SLEEP(sem_wait, on_sem_wait, SEM_WAIT)
SLEEP(sem_timedwait, on_sem_timedwait, SEM_WAIT)
SLEEP(sem_clockwait, on_sem_clockwait, SEM_WAIT)
LOCK(sem_trywait, on_sem_trywait, SEM_WAIT)
THUNK_WITH_DELAYS(sem_post, on_sem_post, SEM_POST, 0, PERTURB_BEFORE_SIGNAL, PERTURB_AFTER_SIGNAL)
THUNK(sem_getvalue, on_sem_getvalue, SEM_VALUE)

/* --------------------------------------------------------------------------- the locks of streams */

/* How glibc begins the lock of a FILE. */
struct stream_lock {
    int lock, count;
    pthread_t owner;
};

static bool stream_ready(const struct thread *thread)
{
    const struct stream_lock *lock = (const struct stream_lock *)((const FILE *)thread->act.object)->_lock;
    return lock->lock == 0 || lock->owner == thread->handle;
}

static function *on_flockfile(const struct call *call)
{
    const struct act act = act_of(call);
    turn_wait(act, stream_ready, NEVER);
    held_add(&act);
    return NULL;
}

THUNK(flockfile, on_flockfile, LOCK)
THUNK(funlockfile, on_unlock, UNLOCK)

/* ------------------------------------------------------------------- their beginnings and ends */

static function *on_destroy(const struct call *call)
{
    turn_act_quietly(act_of(call));
    return NULL;
}

THUNK(pthread_mutex_init, on_destroy, DESTROY)
THUNK(pthread_mutex_destroy, on_destroy, DESTROY)
THUNK(pthread_rwlock_init, on_destroy, DESTROY)
THUNK(pthread_rwlock_destroy, on_destroy, DESTROY)
THUNK(pthread_barrier_init, on_destroy, DESTROY)
THUNK(pthread_barrier_destroy, on_destroy, DESTROY)
THUNK(sem_init, on_destroy, DESTROY)
THUNK(sem_destroy, on_destroy, DESTROY)
