/* expect: no race, data race */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

atomic_int first, second;
int data;

static void *waits(void *unused)
{
    for (;;) {
        int one = atomic_load_explicit(&first, memory_order_relaxed), two = atomic_load(&second);
        if (one || two)
            break;
    }
    data++;
    return unused;
}

static void *sets(void *unused)
{
    atomic_store(&first, 1);
    data++;
    atomic_store(&second, 1);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, waits, NULL);
    pthread_create(&threads[1], NULL, sets, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
