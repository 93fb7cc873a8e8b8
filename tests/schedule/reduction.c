/* reduction.c: threads that do what the arguments say, one thread each, the first of them main. An act is a
 * letter and a digit; the exit status tells what the threads saw of each other. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 8 };
static pthread_mutex_t lock[] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_cond_t changed[] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER};
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t semaphore;
static atomic_int atomic[3];
static int value[2], woken[2], first;
static unsigned seen[MAX_THREADS];
static long start;
static char **acts_of;
static _Thread_local int me;

static void see(int what)
{
    seen[me] = seen[me] * 7u + (unsigned)what + 1u;
}

static void be_first(void)
{
    first = me;
}

static long now(void) /* ms */
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct timespec after(long ms)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_nsec += ms * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static int timed_wait(int which)
{
    const struct timespec time = after(20);
    int error = 0;
    while (!woken[which] && error == 0)
        error = pthread_cond_timedwait(&changed[which], &lock[which], &time);
    return error;
}

static void use_lock(int digit)
{
    pthread_mutex_lock(&lock[digit % 2]);
    value[digit % 2] = value[digit % 2] * 3 + me + 1;
    see(value[digit % 2]);
    pthread_mutex_unlock(&lock[digit % 2]);
}

static void use_both_locks(int digit)
{
    pthread_mutex_lock(&lock[digit % 2]);
    pthread_mutex_lock(&lock[1 - digit % 2]);
    see(value[0] += value[1] + 1);
    pthread_mutex_unlock(&lock[1 - digit % 2]);
    pthread_mutex_unlock(&lock[digit % 2]);
}

static void update_under_lock(int digit)
{
    pthread_mutex_lock(&lock[digit % 2]);
    atomic[digit % 3] += 2;
    pthread_mutex_unlock(&lock[digit % 2]);
}

static void try_lock(int digit)
{
    const int busy = pthread_mutex_trylock(&lock[digit % 2]);
    if (!busy) {
        value[digit % 2] += 5;
        pthread_mutex_unlock(&lock[digit % 2]);
    }
    see(busy);
}

static void wake(int digit, int (*how)(pthread_cond_t *))
{
    pthread_mutex_lock(&lock[digit % 2]);
    woken[digit % 2] = 1;
    how(&changed[digit % 2]);
    pthread_mutex_unlock(&lock[digit % 2]);
}

static void signal_change(int digit)
{
    wake(digit, pthread_cond_signal);
}

static void broadcast_change(int digit)
{
    wake(digit, pthread_cond_broadcast);
}

static void wait_for_change(int digit)
{
    pthread_mutex_lock(&lock[digit % 2]);
    see(timed_wait(digit % 2));
    pthread_mutex_unlock(&lock[digit % 2]);
}

static void wait_long_for_change(int digit)
{
    pthread_mutex_lock(&lock[digit % 2]);
    while (!woken[digit % 2])
        pthread_cond_wait(&changed[digit % 2], &lock[digit % 2]);
    pthread_mutex_unlock(&lock[digit % 2]);
}

static void load(int digit)
{
    see(atomic_load(&atomic[digit % 3]));
}

static void store(int digit)
{
    atomic_store(&atomic[digit % 3], me + 1);
}

static void add(int digit)
{
    see(atomic_fetch_add(&atomic[digit % 3], 1));
}

static void compare_exchange(int digit)
{
    int expected = 0;
    see(atomic_compare_exchange_strong(&atomic[digit % 3], &expected, me + 1));
}

static void post(int digit)
{
    (void)digit;
    sem_post(&semaphore);
}

static void wait_for_post(int digit)
{
    (void)digit;
    sem_wait(&semaphore);
}

static void try_semaphore(int digit)
{
    (void)digit;
    see(sem_trywait(&semaphore));
}

static void wait_a_while_for_post(int digit)
{
    const struct timespec time = after(digit * 5 + 1);
    see(sem_timedwait(&semaphore, &time));
}

static void look_under_read_lock(int digit)
{
    pthread_rwlock_rdlock(&rwlock);
    see(atomic_load_explicit(&atomic[digit % 3], memory_order_relaxed));
    pthread_rwlock_unlock(&rwlock);
}

static void update_under_write_lock(int digit)
{
    pthread_rwlock_wrlock(&rwlock);
    atomic[digit % 3] += me + 1;
    pthread_rwlock_unlock(&rwlock);
}

static void nap(int digit)
{
    usleep((unsigned)digit * 10);
}

static void look_at_clock(int digit)
{
    (void)digit;
    see(now() - start > 2);
}

static void begin_once(int digit)
{
    (void)digit;
    pthread_once(&once, be_first);
    see(first);
}

static void meet(int digit)
{
    (void)digit;
    see(pthread_barrier_wait(&barrier));
}

static void (*const acts[])(int) = {
    ['l'] = use_lock,
    ['n'] = use_both_locks,
    ['i'] = update_under_lock,
    ['t'] = try_lock,
    ['s'] = signal_change,
    ['b'] = broadcast_change,
    ['w'] = wait_for_change,
    ['W'] = wait_long_for_change,
    ['g'] = load,
    ['p'] = store,
    ['a'] = add,
    ['c'] = compare_exchange,
    ['P'] = post,
    ['S'] = wait_for_post,
    ['T'] = try_semaphore,
    ['D'] = wait_a_while_for_post,
    ['r'] = look_under_read_lock,
    ['x'] = update_under_write_lock,
    ['z'] = nap,
    ['k'] = look_at_clock,
    ['o'] = begin_once,
    ['B'] = meet,
};

static void *thread(void *number)
{
    me = (int)(long)number;
    for (const char *at = acts_of[me]; at[0] != '\0'; at += 2)
        acts[(unsigned char)at[0]](at[1] - '0');
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[MAX_THREADS];
    unsigned all = 0;
    acts_of = argv + 1;
    start = now();
    sem_init(&semaphore, 0, 0);
    pthread_barrier_init(&barrier, NULL, 2);
    for (long t = 1; t < argc - 1; t++)
        pthread_create(&threads[t], NULL, thread, (void *)t);
    thread(NULL);
    for (int t = 1; t < argc - 1; t++)
        pthread_join(threads[t], NULL);
    for (int t = 0; t < argc - 1; t++)
        all = all * 31u + seen[t];
    for (int i = 0; i < 3; i++)
        all = all * 31u + (unsigned)atomic[i];
    all = all * 31u + (unsigned)(value[0] * 7 + value[1]);
    all ^= all >> 16;
    all *= 0x85ebca6bu;
    return (int)((all ^ all >> 13) % 250u);
}
