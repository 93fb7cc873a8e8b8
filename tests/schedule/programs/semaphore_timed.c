/* bug 1: data race */
#include "../program.h"
#include <semaphore.h>

static sem_t filled;
int x;

static void *producer(void *arg)
{
    meet(BUG);
    x++;
    sem_post(&filled);
    return arg;
}

int main(void)
{
    sem_init(&filled, 0, 0);
    if (sem_trywait(&filled) == 0)
        return 1;
    struct timespec deadline = in_seconds(CLOCK_REALTIME, BUG ? 0 : 1000);
    pthread_t thread = start(producer, NULL);
    while (sem_timedwait(&filled, &deadline) != 0 && !BUG)
        deadline = in_seconds(CLOCK_REALTIME, 1000);
    meet(BUG);
    x++;
    join(thread);
    sem_destroy(&filled);
    return BUG ? 0 : x != 2;
}
