/* expect: no race */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

atomic_bool ready;
int value;

static void *worker(void *unused)
{
    value = 1;
    atomic_store(&ready, 1);
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, worker, NULL);
    while (!atomic_load(&ready))
        sched_yield();
    printf("%d\n", value);
    pthread_join(thread, NULL);
}
