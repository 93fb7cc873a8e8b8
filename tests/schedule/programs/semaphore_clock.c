/* bug 1: data race | plain: gcc 12's runtime does not know sem_clockwait and pthread_rwlock_clock*lock */
#include "../program.h"
#include <semaphore.h>

static sem_t filled;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
int x, y;

static void *producer(void *arg)
{
    struct timespec late = in_seconds(CLOCK_MONOTONIC, 100);
    while (pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &late) != 0)
        late = in_seconds(CLOCK_MONOTONIC, 100);
    y++;
    pthread_rwlock_unlock(&lock);
    x++;
    sem_post(&filled);
    return arg;
}

int main(void)
{
    sem_init(&filled, 0, 0);
    pthread_t thread = start(producer, NULL);
    struct timespec late = in_seconds(CLOCK_MONOTONIC, 100);
    while (!BUG && sem_clockwait(&filled, CLOCK_MONOTONIC, &late) != 0)
        late = in_seconds(CLOCK_MONOTONIC, 100);
    x++;
    while (pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &late) != 0)
        late = in_seconds(CLOCK_MONOTONIC, 100);
    int seen = y;
    pthread_rwlock_unlock(&lock);
    join(thread);
    return BUG ? 0 : x != 2 || seen != 1;
}
