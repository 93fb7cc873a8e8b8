/* Plain pthreads. Two buffers for three workers: they come at different times, and each is through in no
 * time. */
#include "../work.h"
#include <semaphore.h>

enum { BUFFERS = 2, WORKERS = 3 };
static int used, buffers[BUFFERS];
static sem_t left;

static void *work(void *arg)
{
    wait_for_device(arg ? *(int *)arg : 0);
#ifdef CORRECT
    while (sem_wait(&left) != 0)
        ;
#endif
    int mine = __atomic_fetch_add(&used, 1, __ATOMIC_ACQ_REL); /* the bug: all three at once */
    if (mine >= BUFFERS)
        abort();
    __atomic_fetch_add(&buffers[mine], 1, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&used, 1, __ATOMIC_ACQ_REL);
#ifdef CORRECT
    sem_post(&left);
#endif
    return NULL;
}

int main(void)
{
    static int begin[WORKERS] = {500, 1500, 2500};
    pthread_t workers[WORKERS];
    sem_init(&left, 0, BUFFERS);
    for (int i = 0; i < WORKERS; i++)
        workers[i] = start_thread(work, &begin[i]);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    return 0;
}
