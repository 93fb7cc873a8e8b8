/* Two threads, of whose acts none may be lost: plain and atomic, of 4 and of 16 bytes, and a condition. */
#include <pthread.h>
#include <stdio.h>

__extension__ typedef unsigned __int128 wide;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;
int count, finished, updates;
wide sum;

wide __tsan_atomic128_load(const volatile void *atomic, int order);
wide __tsan_atomic128_fetch_add(volatile void *atomic, wide value, int order);
_Bool __tsan_atomic128_compare_exchange_strong(volatile void *atomic, void *expected, wide value, int order,
                                               int failure);

static void *work(void *arg)
{
    for (int i = 0; i < 3; i++) {
        pthread_mutex_lock(&mutex);
        count++;
        pthread_mutex_unlock(&mutex);
        __atomic_fetch_add(&updates, 1, __ATOMIC_SEQ_CST);
        __tsan_atomic128_fetch_add(&sum, ((wide)1 << 64) + 1, __ATOMIC_SEQ_CST);
        wide seen = __tsan_atomic128_load(&sum, __ATOMIC_SEQ_CST);
        while (!__tsan_atomic128_compare_exchange_strong(&sum, &seen, seen + 2, __ATOMIC_SEQ_CST,
                                                         __ATOMIC_SEQ_CST))
            ;
    }
    pthread_mutex_lock(&mutex);
    finished++;
    pthread_cond_signal(&done);
    pthread_mutex_unlock(&mutex);
    return arg;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            return 1;
    pthread_mutex_lock(&mutex);
    while (finished < 2)
        pthread_cond_wait(&done, &mutex);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("%d %d %lx %lx\n", count, updates, (long)(sum >> 64), (long)sum);
    return 0;
}
