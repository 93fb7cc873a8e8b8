/* expect: no race, data race, cut off */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

atomic_int steps, published;
int value;

static void *worker(void *unused)
{
    for (int i = 0; i < 6; i++)
        atomic_fetch_add(&steps, 1);
    return unused;
}

static void *reader(void *unused)
{
    if (atomic_load(&published))
        value++;
    return worker(unused);
}

static void *writer(void *unused)
{
    atomic_store(&published, 1);
    value++;
    return worker(unused);
}

int main(void)
{
    void *(*const bodies[])(void *) = {reader, worker, worker, writer};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, bodies[i], NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}
