/* expect: no race, cut off */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

atomic_int count;

static void *worker(void *unused)
{
    for (int i = 0; i < 5; i++)
        atomic_fetch_add(&count, 1);
    return unused;
}

int main(void)
{
    pthread_t threads[5];
    for (int i = 0; i < 5; i++)
        pthread_create(&threads[i], NULL, worker, NULL);
    for (int i = 0; i < 5; i++)
        pthread_join(threads[i], NULL);
}
