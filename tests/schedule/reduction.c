/* reduction.c: threads that do what the arguments say, one thread each, the first of them main. An act is a
 * letter and a digit; the exit status tells what the threads saw of each other. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
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

static void act(char letter, int digit)
{
    const int two = digit % 2, three = digit % 3;
    int old = 0;
    struct timespec time;
    switch (letter) {
    case 'l': /* a lock, and what it guards */
        pthread_mutex_lock(&lock[two]);
        value[two] = value[two] * 3 + me + 1;
        see(value[two]);
        pthread_mutex_unlock(&lock[two]);
        break;
    case 'n': /* two locks, nested */
        pthread_mutex_lock(&lock[two]);
        pthread_mutex_lock(&lock[1 - two]);
        see(value[0] += value[1] + 1);
        pthread_mutex_unlock(&lock[1 - two]);
        pthread_mutex_unlock(&lock[two]);
        break;
    case 'i': /* an atomic under a lock */
        pthread_mutex_lock(&lock[two]);
        atomic[three] += 2;
        pthread_mutex_unlock(&lock[two]);
        break;
    case 't':
        old = pthread_mutex_trylock(&lock[two]);
        if (old == 0) {
            value[two] += 5;
            pthread_mutex_unlock(&lock[two]);
        }
        see(old);
        break;
    case 's':
    case 'b': /* signal, broadcast */
        pthread_mutex_lock(&lock[two]);
        woken[two] = 1;
        (letter == 's' ? pthread_cond_signal : pthread_cond_broadcast)(&changed[two]);
        pthread_mutex_unlock(&lock[two]);
        break;
    case 'w':
        pthread_mutex_lock(&lock[two]);
        see(timed_wait(two));
        pthread_mutex_unlock(&lock[two]);
        break;
    case 'W': /* may wait for ever */
        pthread_mutex_lock(&lock[two]);
        while (!woken[two])
            pthread_cond_wait(&changed[two], &lock[two]);
        pthread_mutex_unlock(&lock[two]);
        break;
    case 'g':
        see(atomic_load(&atomic[three]));
        break;
    case 'p':
        atomic_store(&atomic[three], me + 1);
        break;
    case 'a':
        see(atomic_fetch_add(&atomic[three], 1));
        break;
    case 'c':
        see(atomic_compare_exchange_strong(&atomic[three], &old, me + 1));
        break;
    case 'P':
        sem_post(&semaphore);
        break;
    case 'S': /* may wait for ever */
        sem_wait(&semaphore);
        break;
    case 'T':
        see(sem_trywait(&semaphore));
        break;
    case 'D':
        time = after(digit * 5 + 1);
        see(sem_timedwait(&semaphore, &time));
        break;
    case 'r':
        pthread_rwlock_rdlock(&rwlock);
        see(atomic_load_explicit(&atomic[three], memory_order_relaxed));
        pthread_rwlock_unlock(&rwlock);
        break;
    case 'x':
        pthread_rwlock_wrlock(&rwlock);
        atomic[three] += me + 1;
        pthread_rwlock_unlock(&rwlock);
        break;
    case 'z':
        usleep((unsigned)digit * 10);
        break;
    case 'k':
        see(now() - start > 2);
        break;
    case 'o':
        pthread_once(&once, be_first);
        see(first);
        break;
    case 'B': /* may wait for ever */
        see(pthread_barrier_wait(&barrier));
        break;
    default:
        fprintf(stderr, "%c: no such act\n", letter);
        exit(255);
    }
}

static void *thread(void *number)
{
    me = (int)(long)number;
    for (const char *at = acts_of[me]; at[0] != '\0'; at += 2)
        act(at[0], at[1] - '0');
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
