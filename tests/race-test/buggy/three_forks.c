/* Plain pthreads. Three eat with three forks, each a semaphore: hunger comes if each holds his left one. */
#include "../work.h"
#include <semaphore.h>

enum { PLACES = 3 };
static sem_t forks[PLACES];

static void take(int fork)
{
    while (sem_wait(&forks[fork]) != 0)
        ;
}

static void *eat(void *arg)
{
    int left = *(int *)arg, right = (left + 1) % PLACES;
    wait_for_device(500 + 1000 * left);
#ifdef CORRECT
    take(left < right ? left : right);
    take(left < right ? right : left);
#else
    take(left); /* the bug: no order among the forks */
    take(right);
#endif
    sem_post(&forks[left]);
    sem_post(&forks[right]);
    return NULL;
}

int main(void)
{
    static int places[PLACES];
    pthread_t threads[PLACES];
    for (int i = 0; i < PLACES; i++)
        sem_init(&forks[i], 0, 1);
    for (int i = 0; i < PLACES; i++) {
        places[i] = i;
        threads[i] = start_thread(eat, &places[i]);
    }
    for (int i = 0; i < PLACES; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
