/* Each kind of report that ThreadSanitizer has, by two mistakes each: the argument names the kind, and
 * with a second argument the second mistake is left out. kinds.c and kinds.cpp are the same in both
 * languages; only C++ has the kinds of virtual calls. In one file: each mistake is a few lines. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define APART __attribute__((noinline))

#ifdef __cplusplus
extern "C" {
#endif
/* TSan's invisible barrier: the second access comes after the first, and yet nothing orders them. */
void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count);
void __tsan_testonly_barrier_wait(unsigned long long *barrier);
void *__tsan_external_register_tag(const char *object);
void __tsan_external_register_header(void *tag, const char *header);
void __tsan_external_write(void *address, void *caller, void *tag);
void __tsan_check_no_mutexes_held(void) __attribute__((__weak__));
#ifdef __cplusplus
}
#endif

static unsigned long long barrier;

/* The first act in a thread of its own, then the second here, unordered. */
static void *(*body)(void *);

static void *run_body(void *argument)
{
    void *result = body(argument);
    __tsan_testonly_barrier_wait(&barrier);
    return result;
}

static void race(void *(*first)(void *), void *(*second)(void *), void *argument)
{
    pthread_t thread;
    body = first;
    __tsan_testonly_barrier_init(&barrier, 2);
    pthread_create(&thread, NULL, run_body, argument);
    __tsan_testonly_barrier_wait(&barrier);
    second(argument);
    pthread_join(thread, NULL);
}

static void in_a_thread(void *(*task)(void *), void *argument)
{
    pthread_t thread;
    pthread_create(&thread, NULL, task, argument);
    pthread_join(thread, NULL);
}

/* ------------------------------------------------------------------ data races, by their locations */

long hits, misses; /* each in a cell of TSan's own: after one report clang's is dead */

APART static void *count_hit(void *unused)
{
    hits++;
    return unused;
}

APART static void *count_miss(void *unused)
{
    misses++;
    return unused;
}

/* One function, two variables. */
APART static void *count_both(void *second)
{
    hits++;
    if (second)
        misses++;
    return second;
}

APART static void *count_in_static(void *second)
{
    static long calls, seconds;
    calls++;
    if (second)
        seconds++;
    return calls + seconds > 10 ? NULL : second;
}

APART static void *bump(void *counter)
{
    ++*(int *)counter;
    return counter;
}

APART static void *heap_of_pool(void)
{
    return calloc(16, sizeof(int));
}

APART static void *heap_of_cache(void)
{
    return calloc(16, sizeof(int));
}

APART static void stack_race(void)
{
    int local = 0;
    race(bump, bump, &local);
}

APART static void *own_stack(void *unused)
{
    stack_race();
    return unused;
}

static __thread int of_thread;

APART static void *tls_race(void *unused)
{
    unsigned long long outer = barrier;
    race(bump, bump, &of_thread);
    barrier = outer;
    return unused;
}

/* Thread-local variables of one thread, and static ones of one name. */
APART static void *tls_races(void *both)
{
    static __thread int unshared;
    race(bump, bump, &of_thread);
    if (both)
        race(bump, bump, &unshared);
    return both;
}

APART static void race_on_own_total(void)
{
    static int total;
    race(bump, bump, &total);
}

APART static void race_on_other_total(void)
{
    static int total;
    race(bump, bump, &total);
}

char from[64], to[64];

APART static void *copy_forth(void *unused)
{
    memcpy(to, from, sizeof to);
    return unused;
}

APART static void *copy_back(void *unused)
{
    memcpy(from, to, sizeof from);
    return unused;
}

/* ------------------------------------------------------------------------------- use after free */

APART static void *free_it(void *block)
{
    free(block);
    return NULL;
}

APART static void *write_it(void *block)
{
    *(int *)block = 1;
    return NULL;
}

APART static void *read_it(void *block)
{
    return *(volatile int *)block ? block : NULL;
}

/* ------------------------------------------------------------------------------------- mutexes */

static pthread_mutex_t one, two;

APART static void destroy_one(void)
{
    pthread_mutex_t *mutex = &one;
    pthread_mutex_init(mutex, NULL);
    pthread_mutex_lock(mutex);
    pthread_mutex_destroy(mutex);
}

APART static void destroy_two(void)
{
    pthread_mutex_t *mutex = &two;
    pthread_mutex_init(mutex, NULL);
    pthread_mutex_lock(mutex);
    pthread_mutex_destroy(mutex);
}

APART static void unlock_one(void)
{
    pthread_mutex_init(&one, NULL);
    pthread_mutex_unlock(&one);
}

APART static void unlock_two(void)
{
    pthread_mutex_init(&two, NULL);
    pthread_mutex_unlock(&two);
}

#ifdef __cplusplus
extern "C" {
#endif
void AnnotateRWLockCreate(const char *file, int line, const volatile void *lock);
void AnnotateRWLockAcquired(const char *file, int line, const volatile void *lock, long writer);
void AnnotateRWLockReleased(const char *file, int line, const volatile void *lock, long writer);
#ifdef __cplusplus
}
#endif

static long lock_one, lock_two;

APART static void *lock_it(void *lock)
{
    AnnotateRWLockAcquired(__FILE__, __LINE__, lock, 1);
    return lock;
}

APART static void double_lock_one(void)
{
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_one, 1);
}

APART static void double_lock_two(void)
{
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_two, 1);
}

APART static void read_lock_one(void)
{
    AnnotateRWLockCreate(__FILE__, __LINE__, &lock_one);
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_one, 1);
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_one, 0);
}

APART static void read_lock_two(void)
{
    AnnotateRWLockCreate(__FILE__, __LINE__, &lock_two);
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_two, 1);
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_two, 0);
}

APART static void read_unlock_one(void)
{
    AnnotateRWLockCreate(__FILE__, __LINE__, &lock_one);
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_one, 1);
    AnnotateRWLockReleased(__FILE__, __LINE__, &lock_one, 0);
}

APART static void read_unlock_two(void)
{
    AnnotateRWLockCreate(__FILE__, __LINE__, &lock_two);
    AnnotateRWLockAcquired(__FILE__, __LINE__, &lock_two, 1);
    AnnotateRWLockReleased(__FILE__, __LINE__, &lock_two, 0);
}

APART static void invalid_one(void)
{
    pthread_mutex_init(&one, NULL);
    pthread_mutex_destroy(&one);
    pthread_mutex_lock(&one);
}

APART static void invalid_two(void)
{
    pthread_mutex_init(&two, NULL);
    pthread_mutex_destroy(&two);
    pthread_mutex_lock(&two);
}

APART static void hold_one(void)
{
    pthread_mutex_lock(&one);
    if (__tsan_check_no_mutexes_held)
        __tsan_check_no_mutexes_held();
    pthread_mutex_unlock(&one);
}

APART static void hold_two(void)
{
    pthread_mutex_lock(&two);
    if (__tsan_check_no_mutexes_held)
        __tsan_check_no_mutexes_held();
    pthread_mutex_unlock(&two);
}

static pthread_mutex_t a, b, c;

APART static void *a_then_b(void *unused)
{
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    return unused;
}

APART static void *b_then_a(void *unused)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return unused;
}

APART static void *a_then_c(void *unused)
{
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&c);
    pthread_mutex_unlock(&c);
    pthread_mutex_unlock(&a);
    return unused;
}

APART static void *c_then_a(void *unused)
{
    pthread_mutex_lock(&c);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&c);
    return unused;
}

/* The same functions on other mutexes. */
static pthread_mutex_t d;

struct pair {
    pthread_mutex_t *first, *second;
};

static void unlock_both(const struct pair *pair)
{
    pthread_mutex_unlock(pair->first);
    pthread_mutex_unlock(pair->second);
}

APART static void *forth(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    pthread_mutex_lock(pair->first);
    pthread_mutex_lock(pair->second);
    unlock_both(pair);
    return argument;
}

APART static void *back(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    pthread_mutex_lock(pair->second);
    pthread_mutex_lock(pair->first);
    unlock_both(pair);
    return argument;
}

/* Through a function that only locks; the mutexes have no names. */
APART static void take_lock(pthread_mutex_t *lock)
{
    pthread_mutex_lock(lock);
}

APART static void *pool_then_cache(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    take_lock(pair->first);
    take_lock(pair->second);
    unlock_both(pair);
    return argument;
}

APART static void *cache_then_pool(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    take_lock(pair->second);
    take_lock(pair->first);
    unlock_both(pair);
    return argument;
}

APART static void *cache_then_store(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    take_lock(pair->second);
    take_lock(pair->first);
    unlock_both(pair);
    return argument;
}

/* Functions whose names say that they lock, and which take both themselves. */
APART static void *lock_both_forth(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    pthread_mutex_lock(pair->first);
    pthread_mutex_lock(pair->second);
    unlock_both(pair);
    return argument;
}

APART static void *lock_both_back(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    pthread_mutex_lock(pair->second);
    pthread_mutex_lock(pair->first);
    unlock_both(pair);
    return argument;
}

/* One is taken by a function of its own, the other here. */
APART static void *take_then_second(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    take_lock(pair->first);
    pthread_mutex_lock(pair->second);
    unlock_both(pair);
    return argument;
}

APART static void *second_then_take(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    pthread_mutex_lock(pair->second);
    take_lock(pair->first);
    unlock_both(pair);
    return argument;
}

/* Each by a function of its own. */
APART static void open_front(const struct pair *pair)
{
    pthread_mutex_lock(pair->first);
}

APART static void open_rear(const struct pair *pair)
{
    pthread_mutex_lock(pair->second);
}

APART static void *front_then_rear(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    open_front(pair);
    open_rear(pair);
    unlock_both(pair);
    return argument;
}

APART static void *rear_then_front(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    open_rear(pair);
    open_front(pair);
    unlock_both(pair);
    return argument;
}

/* One line takes both, in an order that the caller knows. */
APART static void take_all(pthread_mutex_t *const *locks, int count)
{
    for (int i = 0; i < count; i++)
        pthread_mutex_lock(locks[i]);
}

APART static void *all_forth(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    pthread_mutex_t *const locks[] = {pair->first, pair->second};
    take_all(locks, 2);
    unlock_both(pair);
    return argument;
}

APART static void *all_back(void *argument)
{
    const struct pair *pair = (const struct pair *)argument;
    pthread_mutex_t *const locks[] = {pair->second, pair->first};
    take_all(locks, 2);
    unlock_both(pair);
    return argument;
}

/* ----------------------------------------------------------------------------- threads, signals */

static void *nothing(void *unused)
{
    return unused;
}

static long thread_number; /* the kernel's */

static void *tell_number(void *unused)
{
    __atomic_store_n(&thread_number, syscall(SYS_gettid), __ATOMIC_RELEASE);
    return unused;
}

/* It counts as leaked once it has ended. */
static void until_gone(void)
{
    long number;
    while ((number = __atomic_load_n(&thread_number, __ATOMIC_ACQUIRE)) == 0)
        sched_yield();
    while (syscall(SYS_tgkill, getpid(), number, 0) == 0)
        sched_yield();
    thread_number = 0;
}

APART static void leak_reader(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, tell_number, NULL);
    until_gone();
}

APART static void leak_writer(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, tell_number, NULL);
    until_gone();
}

static void *volatile sink;

APART static void allocating_handler(int number)
{
    sink = malloc((size_t)number);
}

APART static void freeing_handler(int number)
{
    if (number)
        free(sink);
    sink = NULL;
}

APART static void spoiling_handler(int number)
{
    errno = number + 1;
}

APART static void other_spoiling_handler(int number)
{
    errno = number + 2;
}

static void handle(int number, void (*handler)(int))
{
    signal(number, handler);
    union sigval nobody = {0};
    errno = 0;
    sigqueue(getpid(), number, nobody); /* not known to TSan as one that the caller sent itself */
    usleep(1000);
}

/* --------------------------------------------------------------------------- races of a library */

static void *tag;

APART static void *touch_queue(void *object)
{
    __tsan_external_write(object, NULL, tag);
    return object;
}

APART static void *touch_stack(void *object)
{
    __tsan_external_write(object, NULL, tag);
    return object;
}

static void misuse(void *(*touch)(void *), void *object)
{
    if (!tag) {
        tag = __tsan_external_register_tag("Container");
        __tsan_external_register_header(tag, "Container misuse");
    }
    race(touch, touch, object);
}
