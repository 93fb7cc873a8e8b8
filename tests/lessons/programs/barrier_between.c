/* expect: no race */
#include <pthread.h>
#include <stddef.h>

pthread_barrier_t barrier;
int value[2], sum[2];

static void *worker(void *number)
{
    const int own = *(int *)number;
    value[own] = own + 1;
    pthread_barrier_wait(&barrier);
    sum[own] = value[0] + value[1];
    return NULL;
}

int main(void)
{
    int numbers[2] = {0, 1};
    pthread_t a, b;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&a, NULL, worker, &numbers[0]);
    pthread_create(&b, NULL, worker, &numbers[1]);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    pthread_barrier_destroy(&barrier);
    return sum[0] + sum[1] == 6 ? 0 : 1;
}
