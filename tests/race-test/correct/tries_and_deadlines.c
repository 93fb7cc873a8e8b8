/* Plain pthreads: every call that may come back without what it was called for, and what it says then;
 * and three threads that share a cache by these calls, deadlines shorter than a delay. */
#define _GNU_SOURCE /* the calls that take a clock */
#include "../work.h"

#include <errno.h>
#include <semaphore.h>
#include <unistd.h>

enum { USERS = 3, ROUNDS = 6 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t all_here;
static sem_t slots;
static int cache, hits, leaders;

static struct timespec in(clockid_t clock, long nanoseconds)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += nanoseconds;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static void expect(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "not so: %s\n", what);
        exit(1);
    }
}
#define EXPECT(condition) expect(condition, #condition)

/* Another thread holds everything. */
static void *get_nothing(void *arg)
{
    struct timespec real = in(CLOCK_REALTIME, 100000), monotonic = in(CLOCK_MONOTONIC, 100000);
    EXPECT(pthread_mutex_trylock(&mutex) == EBUSY);
    EXPECT(pthread_mutex_timedlock(&mutex, &real) == ETIMEDOUT);
    EXPECT(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT);
    EXPECT(pthread_rwlock_tryrdlock(&lock) == EBUSY);
    EXPECT(pthread_rwlock_trywrlock(&lock) == EBUSY);
    EXPECT(pthread_rwlock_timedrdlock(&lock, &real) == ETIMEDOUT);
    EXPECT(pthread_rwlock_timedwrlock(&lock, &real) == ETIMEDOUT);
    EXPECT(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT);
    EXPECT(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &monotonic) == ETIMEDOUT);
    EXPECT(pthread_spin_trylock(&spin) == EBUSY);
    EXPECT(sem_trywait(&slots) == -1 && errno == EAGAIN);
    EXPECT(sem_timedwait(&slots, &real) == -1 && errno == ETIMEDOUT);
    EXPECT(sem_clockwait(&slots, CLOCK_MONOTONIC, &monotonic) == -1 && errno == ETIMEDOUT);
    EXPECT(read(-1, &real, 1) == -1 && errno == EBADF);
    EXPECT(usleep(10) == 0);
    return arg;
}

static void *use_cache(void *arg)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec soon = in(CLOCK_MONOTONIC, 200000);
        pthread_mutex_lock(&mutex);
        EXPECT(pthread_cond_clockwait(&never, &mutex, CLOCK_MONOTONIC, &soon) == ETIMEDOUT);
        pthread_mutex_unlock(&mutex);
        while (sem_timedwait(&slots, &soon) != 0)
            soon = in(CLOCK_REALTIME, 200000);
        if (pthread_rwlock_tryrdlock(&lock) == 0) {
            EXPECT(cache >= 0);
            pthread_rwlock_unlock(&lock);
        }
        while (pthread_rwlock_timedwrlock(&lock, &soon) != 0)
            soon = in(CLOCK_REALTIME, 200000);
        cache++;
        pthread_rwlock_unlock(&lock);
        sem_post(&slots);
        if (pthread_spin_trylock(&spin) != 0)
            pthread_spin_lock(&spin);
        hits++;
        pthread_spin_unlock(&spin);
        if (pthread_barrier_wait(&all_here) == PTHREAD_BARRIER_SERIAL_THREAD)
            leaders++;
        pthread_barrier_wait(&all_here);
    }
    return arg;
}

int main(void)
{
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    pthread_barrier_init(&all_here, NULL, USERS);
    sem_init(&slots, 0, 0);

    pthread_mutex_lock(&mutex);
    pthread_rwlock_wrlock(&lock);
    pthread_spin_lock(&spin);
    pthread_join(start_thread(get_nothing, NULL), NULL);
    pthread_spin_unlock(&spin);
    pthread_rwlock_unlock(&lock);
    pthread_mutex_unlock(&mutex);

    sem_post(&slots);
    sem_post(&slots);
    pthread_t threads[USERS];
    for (int i = 0; i < USERS; i++)
        threads[i] = start_thread(use_cache, NULL);
    for (int i = 0; i < USERS; i++)
        pthread_join(threads[i], NULL);
    EXPECT(cache == USERS * ROUNDS && hits == USERS * ROUNDS && leaders == ROUNDS);
    return 0;
}
