/* expect: no race, data race */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

atomic_int published, relaxed;
int a, b;

static void *worker(void *unused)
{
    a = 1;
    atomic_store_explicit(&published, 1, memory_order_release);
    b = 1;
    atomic_store_explicit(&relaxed, 1, memory_order_relaxed);
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, worker, NULL);
    if (atomic_load_explicit(&published, memory_order_acquire))
        printf("%d\n", a);
    if (atomic_load_explicit(&relaxed, memory_order_relaxed))
        printf("%d\n", b);
    pthread_join(thread, NULL);
}
