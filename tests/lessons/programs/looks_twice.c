/* expect: no race, panic: sync: negative WaitGroup counter */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <waitgroup.h>

atomic_int other, set;
int tries = 2;
waitgroup_t wg;

static void *sets(void *unused)
{
    atomic_fetch_add(&other, 1);
    atomic_store(&set, 1);
    return unused;
}

static void *looks(void *unused)
{
    for (int i = 0; i < tries; i++)
        if (atomic_load(&set))
            return unused;
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, sets, NULL);
    pthread_create(&threads[1], NULL, looks, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
