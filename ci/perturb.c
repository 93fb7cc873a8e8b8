/* libracetest-perturb.so: delays at pthread calls, for race-test to preload
 *
 * The seed is that of WAITGROUP_OPTIONS (perturb=SEED), the strategies are those of the library's own
 * perturbation (src/perturb.h). The delays are system calls of this uninstrumented object, so
 * ThreadSanitizer sees nothing of them: no order, no access.
 *
 * Where this object stands depends on the compiler. gcc's runtime is a shared library behind it: the
 * program calls us, we call TSan's interceptor. clang's is part of the program: TSan's interceptor
 * calls us as "the real one". Both work the same, but for the start of a thread: TSan's pthread_create
 * waits until the child has announced itself, so a delay of ours before that would hold up the parent
 * as well.
 *
 * In a process without TSan (a shell, the symbolizer) nothing is delayed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "perturb.h"

#define EXPORT __attribute__((__visibility__("default")))

static struct perturb_process process;
static int before_tsan;
/* Before TSan, we stand between it and the line that calls: these two put the line on its stack. */
static void (*func_entry)(void *);
static void (*func_exit)(void *);
static _Thread_local struct perturb_thread self __attribute__((__tls_model__("initial-exec")));

/* The last perturb=N of the options; no more is understood of them here. */
static uint64_t seed_of(const char *options)
{
    uint64_t value = 0;
    for (const char *at = options; at && (at = strstr(at, "perturb=")) != NULL; at++)
        if (at == options || strchr(" :,\t\n", at[-1]))
            value = strtoull(at + strlen("perturb="), NULL, 0);
    return value;
}

__attribute__((__constructor__)) static void start(void)
{
    before_tsan = dlsym(RTLD_NEXT, "__tsan_init") != NULL;
    if (before_tsan) {
        func_entry = (void (*)(void *))(uintptr_t)dlsym(RTLD_NEXT, "__tsan_func_entry");
        func_exit = (void (*)(void *))(uintptr_t)dlsym(RTLD_NEXT, "__tsan_func_exit");
    }
    process.began = perturb_now();
    if (dlsym(RTLD_DEFAULT, "__tsan_init"))
        process.seed = seed_of(getenv("WAITGROUP_OPTIONS"));
}

static inline void perturb(enum perturb_point point)
{
    if (process.seed != 0)
        perturb_pass(&process, &self, point);
}

/* The function that this one stands before, or null. Looked up at start, because a signal handler may
 * post a semaphore, and dlsym() is not for signal handlers; by a call that comes even before, then. No
 * lock: to look it up twice does no harm. */
#define NEXT_OF(name)                                                                         \
    static __typeof__(&name) next_##name;                                                     \
    __attribute__((__constructor__)) static void find_##name(void)                            \
    {                                                                                         \
        __atomic_store_n(&next_##name, (__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name), \
                         __ATOMIC_RELAXED);                                                   \
    }

#define NEXT(name)                                                            \
    __typeof__(&name) next = __atomic_load_n(&next_##name, __ATOMIC_RELAXED); \
    if (!next) {                                                              \
        find_##name();                                                        \
        next = __atomic_load_n(&next_##name, __ATOMIC_RELAXED);               \
    }

#define CALL_NEXT(result, arguments)                 \
    do {                                             \
        if (func_entry)                              \
            func_entry(__builtin_return_address(0)); \
        result = next arguments;                     \
        if (func_exit)                               \
            func_exit(NULL);                         \
    } while (0)

/* ------------------------------------------------------------------------------------- threads */

/* Hands a child its identity. A table and not the heap: under clang the child comes here before TSan
 * knows it, too early for an allocator that is TSan's. */
static struct passage {
    uint32_t taken;
    void *(*task)(void *);
    void *arg;
    uint64_t identity;
} passages[256];

static void *begin(void *argument)
{
    struct passage passage = *(struct passage *)argument;
    __atomic_store_n(&((struct passage *)argument)->taken, 0, __ATOMIC_RELEASE);
    self = (struct perturb_thread){.identity = passage.identity};
    if (before_tsan)
        perturb(PERTURB_TASK_START);
    return passage.task(passage.arg);
}

NEXT_OF(pthread_create)

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*task)(void *), void *arg)
{
    NEXT(pthread_create)
    if (process.seed == 0)
        return next(thread, attr, task, arg);
    perturb(PERTURB_BEFORE_CREATE);
    uint64_t identity = perturb_child(&self);
    struct passage *passage = NULL;
    for (size_t i = 0; i < sizeof passages / sizeof *passages && !passage; i++)
        /* Acquire: pairs with the release in begin(), which has read what we overwrite. */
        if (!__atomic_exchange_n(&passages[i].taken, 1, __ATOMIC_ACQUIRE))
            passage = &passages[i];
    int error;
    if (passage) {
        passage->task = task;
        passage->arg = arg;
        passage->identity = identity;
        CALL_NEXT(error, (thread, attr, begin, passage));
        if (error)
            __atomic_store_n(&passage->taken, 0, __ATOMIC_RELEASE);
    } else {
        CALL_NEXT(error, (thread, attr, task, arg));
    }
    perturb(PERTURB_AFTER_CREATE);
    return error;
}

/* -------------------------------------------------------------------------------- simple calls */

/* What a C library does not have (a clocklock, for one) fails as it does where it is a stub. */
static int missing(const char *name)
{
    errno = ENOSYS;
    return strncmp(name, "pthread_", strlen("pthread_")) == 0 ? ENOSYS : -1;
}

#define CALL(type, name, parameters, arguments, before, after) \
    NEXT_OF(name)                                              \
    EXPORT type name parameters                                \
    {                                                          \
        NEXT(name)                                             \
        if (!next)                                             \
            return missing(#name);                             \
        before;                                                \
        type result;                                           \
        CALL_NEXT(result, arguments);                          \
        after;                                                 \
        return result;                                         \
    }
#define AROUND(...) CALL(__VA_ARGS__)

#define NOTHING   (void)0
#define LOCKING   perturb(PERTURB_BEFORE_LOCK), perturb(PERTURB_AFTER_LOCK)
#define UNLOCKING NOTHING, perturb(PERTURB_AFTER_UNLOCK)
#define SLEEPING  perturb(PERTURB_BEFORE_SLEEP), perturb(PERTURB_AFTER_SLEEP)
/* After TSan, it has told the waiter already: a delay before the call would help nobody. */
#define POSTING    before_tsan ? perturb(PERTURB_BEFORE_SIGNAL) : NOTHING, perturb(PERTURB_AFTER_SIGNAL)
#define SIGNALLING perturb(PERTURB_BEFORE_SIGNAL), perturb(PERTURB_AFTER_SIGNAL)
#define JOINING    perturb(PERTURB_BEFORE_JOIN), perturb(PERTURB_AFTER_JOIN)
#define DEVICE     NOTHING, perturb(PERTURB_AFTER_DEVICE)

AROUND(int, pthread_join, (pthread_t thread, void **value), (thread, value), JOINING)

#define UNTIL  clockid_t clock, const struct timespec *until
#define MUTEX  pthread_mutex_t *mutex
#define RWLOCK pthread_rwlock_t *lock
#define COND   pthread_cond_t *cond, pthread_mutex_t *mutex

AROUND(int, pthread_mutex_lock, (MUTEX), (mutex), LOCKING)
AROUND(int, pthread_mutex_trylock, (MUTEX), (mutex), LOCKING)
AROUND(int, pthread_mutex_timedlock, (MUTEX, const struct timespec *until), (mutex, until), LOCKING)
AROUND(int, pthread_mutex_clocklock, (MUTEX, UNTIL), (mutex, clock, until), LOCKING)
AROUND(int, pthread_mutex_unlock, (MUTEX), (mutex), UNLOCKING)

AROUND(int, pthread_rwlock_rdlock, (RWLOCK), (lock), LOCKING)
AROUND(int, pthread_rwlock_tryrdlock, (RWLOCK), (lock), LOCKING)
AROUND(int, pthread_rwlock_timedrdlock, (RWLOCK, const struct timespec *until), (lock, until), LOCKING)
AROUND(int, pthread_rwlock_clockrdlock, (RWLOCK, UNTIL), (lock, clock, until), LOCKING)
AROUND(int, pthread_rwlock_wrlock, (RWLOCK), (lock), LOCKING)
AROUND(int, pthread_rwlock_trywrlock, (RWLOCK), (lock), LOCKING)
AROUND(int, pthread_rwlock_timedwrlock, (RWLOCK, const struct timespec *until), (lock, until), LOCKING)
AROUND(int, pthread_rwlock_clockwrlock, (RWLOCK, UNTIL), (lock, clock, until), LOCKING)
AROUND(int, pthread_rwlock_unlock, (RWLOCK), (lock), UNLOCKING)

AROUND(int, pthread_spin_lock, (pthread_spinlock_t * lock), (lock), LOCKING)
AROUND(int, pthread_spin_trylock, (pthread_spinlock_t * lock), (lock), LOCKING)
AROUND(int, pthread_spin_unlock, (pthread_spinlock_t * lock), (lock), UNLOCKING)

AROUND(int, pthread_barrier_wait, (pthread_barrier_t * barrier), (barrier), SLEEPING)

AROUND(int, pthread_cond_wait, (COND), (cond, mutex), SLEEPING)
AROUND(int, pthread_cond_timedwait, (COND, const struct timespec *until), (cond, mutex, until), SLEEPING)
AROUND(int, pthread_cond_clockwait, (COND, UNTIL), (cond, mutex, clock, until), SLEEPING)
AROUND(int, pthread_cond_signal, (pthread_cond_t * cond), (cond), SIGNALLING)
AROUND(int, pthread_cond_broadcast, (pthread_cond_t * cond), (cond), SIGNALLING)

AROUND(int, sem_wait, (sem_t * semaphore), (semaphore), SLEEPING)
AROUND(int, sem_trywait, (sem_t * semaphore), (semaphore), LOCKING)
AROUND(int, sem_timedwait, (sem_t * semaphore, const struct timespec *until), (semaphore, until), SLEEPING)
AROUND(int, sem_clockwait, (sem_t * semaphore, UNTIL), (semaphore, clock, until), SLEEPING)
AROUND(int, sem_post, (sem_t * semaphore), (semaphore), POSTING)

AROUND(int, nanosleep, (const struct timespec *time, struct timespec *left), (time, left), DEVICE)
AROUND(int, usleep, (useconds_t time), (time), DEVICE)
AROUND(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size), DEVICE)
AROUND(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size), DEVICE)
