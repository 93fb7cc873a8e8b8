/* expect: no race, panic: sync: negative WaitGroup counter */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <waitgroup.h>

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
atomic_int stage;
waitgroup_t wg;

static void *tries(void *unused)
{
    if (pthread_mutex_trylock(&mutex) != 0)
        return unused;
    if (atomic_load(&stage) == 1)
        waitgroup_done(&wg);
    pthread_mutex_unlock(&mutex);
    return unused;
}

static void *holds(void *unused)
{
    pthread_mutex_lock(&mutex);
    atomic_store(&stage, 1);
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, tries, NULL);
    pthread_create(&threads[1], NULL, holds, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
