/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <semaphore.h>

static sem_t filled, taken;
int x, sum;

static void *producer(void *arg)
{
    for (int i = 1; i <= 2; i++) {
#if BUG == 1
        sem_post(&filled);
        x = i;
#else
        x = i;
        if (BUG != 2 || i == 1)
            sem_post(&filled);
#endif
        sem_wait(&taken);
    }
    return arg;
}

int main(void)
{
    sem_init(&filled, 0, 0);
    sem_init(&taken, 0, 0);
    pthread_t thread = start(producer, NULL);
    for (int i = 1; i <= 2; i++) {
        while (sem_wait(&filled) != 0)
            ;
        sum += x;
        sem_post(&taken);
    }
    join(thread);
    sem_destroy(&filled);
    sem_destroy(&taken);
    return BUG ? 0 : sum != 3;
}
