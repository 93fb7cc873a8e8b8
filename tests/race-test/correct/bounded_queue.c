/* Plain pthreads: producers and consumers over a bounded queue, one lock and two conditions. */
#include "../work.h"

enum { ITEMS = 60, ROOM = 4, ENDS = 2 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int queue[ROOM], first, used, taken, sum;

static void *produce(void *arg)
{
    for (int i = 1; i <= ITEMS; i++) {
        pthread_mutex_lock(&lock);
        while (used == ROOM)
            pthread_cond_wait(&not_full, &lock);
        queue[(first + used++) % ROOM] = i;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&lock);
        if (i % 10 == 0)
            wait_for_device(500);
    }
    return arg;
}

static void *consume(void *arg)
{
    pthread_mutex_lock(&lock);
    for (;;) {
        while (used == 0 && taken < ENDS * ITEMS)
            pthread_cond_wait(&not_empty, &lock);
        if (taken == ENDS * ITEMS)
            break;
        sum += queue[first];
        first = (first + 1) % ROOM;
        used--;
        if (++taken == ENDS * ITEMS)
            pthread_cond_broadcast(&not_empty);
        pthread_cond_signal(&not_full);
    }
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t threads[2 * ENDS];
    for (int i = 0; i < 2 * ENDS; i++)
        threads[i] = start_thread(i < ENDS ? produce : consume, NULL);
    for (int i = 0; i < 2 * ENDS; i++)
        pthread_join(threads[i], NULL);
    wait_for_device(10000);
    return sum != ENDS * ITEMS * (ITEMS + 1) / 2;
}
