/* Plain pthreads. A semaphore of one is the lock. On its way out by the error path the first worker posts
 * it twice, which shows only if the other two then meet. */
#include "../work.h"
#include <semaphore.h>

static sem_t lock;
static int inside;

static void *work(void *arg)
{
    int number = *(int *)arg;
    wait_for_device(number * 1500);
    while (sem_wait(&lock) != 0)
        ;
    if (__atomic_fetch_add(&inside, 1, __ATOMIC_RELAXED) != 0)
        abort();
    __atomic_fetch_sub(&inside, 1, __ATOMIC_RELAXED);
#ifndef CORRECT
    if (number == 0)
        sem_post(&lock); /* the bug */
#endif
    sem_post(&lock);
    return NULL;
}

int main(void)
{
    static int numbers[] = {0, 1, 2};
    pthread_t workers[3];
    sem_init(&lock, 0, 1);
    for (int i = 0; i < 3; i++)
        workers[i] = start_thread(work, &numbers[i]);
    for (int i = 0; i < 3; i++)
        pthread_join(workers[i], NULL);
    return 0;
}
