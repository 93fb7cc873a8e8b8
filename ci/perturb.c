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
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* The function that this one stands before. No lock: to look it up twice does no harm. */
#define NEXT(name)                                                    \
  static __typeof__(&name) next_;                                     \
  __typeof__(&name) next = __atomic_load_n(&next_, __ATOMIC_RELAXED); \
  if (!next) {                                                        \
    next = (__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name);     \
    __atomic_store_n(&next_, next, __ATOMIC_RELAXED);                 \
  }

#define CALL_NEXT(result, arguments)           \
  do {                                         \
    if (func_entry)                            \
      func_entry(__builtin_return_address(0)); \
    result = next arguments;                   \
    if (func_exit)                             \
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

#define AROUND(name, parameters, arguments, before, after) \
  EXPORT int name parameters                               \
  {                                                        \
    NEXT(name)                                             \
    before;                                                \
    int result;                                            \
    CALL_NEXT(result, arguments);                          \
    after;                                                 \
    return result;                                         \
  }

#define LOCKING   perturb(PERTURB_BEFORE_LOCK), perturb(PERTURB_AFTER_LOCK)
#define UNLOCKING (void)0, perturb(PERTURB_AFTER_UNLOCK)
#define SLEEPING  perturb(PERTURB_BEFORE_SLEEP), perturb(PERTURB_AFTER_SLEEP)
/* After TSan, it has told the waiter already: a delay before the call would help nobody. */
#define POSTING                                  before_tsan ? perturb(PERTURB_BEFORE_SIGNAL) : (void)0, perturb(PERTURB_AFTER_SIGNAL)
#define SIGNALLING                               perturb(PERTURB_BEFORE_SIGNAL), perturb(PERTURB_AFTER_SIGNAL)
#define JOINING                                  perturb(PERTURB_BEFORE_JOIN), perturb(PERTURB_AFTER_JOIN)
#define CALL(name, parameters, arguments, where) AROUND(name, parameters, arguments, where)

CALL(pthread_join, (pthread_t thread, void **value), (thread, value), JOINING)

CALL(pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex), LOCKING)
CALL(pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex), LOCKING)
CALL(pthread_mutex_unlock, (pthread_mutex_t * mutex), (mutex), UNLOCKING)
CALL(pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock), LOCKING)
CALL(pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock), LOCKING)
CALL(pthread_rwlock_unlock, (pthread_rwlock_t * lock), (lock), UNLOCKING)

CALL(pthread_cond_wait, (pthread_cond_t * cond, pthread_mutex_t *mutex), (cond, mutex), SLEEPING)
CALL(pthread_cond_timedwait, (pthread_cond_t * cond, pthread_mutex_t *mutex, const struct timespec *until),
     (cond, mutex, until), SLEEPING)
CALL(pthread_cond_signal, (pthread_cond_t * cond), (cond), SIGNALLING)
CALL(pthread_cond_broadcast, (pthread_cond_t * cond), (cond), SIGNALLING)
CALL(sem_wait, (sem_t * semaphore), (semaphore), SLEEPING)
CALL(sem_post, (sem_t * semaphore), (semaphore), POSTING)
