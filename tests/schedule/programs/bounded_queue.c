/* bug 1: deadlock */
#include "../program.h"

/* Room for one. Consumers and producers that wait for the same condition can wake each other's kind. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full_itself = PTHREAD_COND_INITIALIZER;
static pthread_cond_t *const not_full = BUG ? &not_empty : &not_full_itself;
static int queue[1], count, sum;

static void *produce(void *arg)
{
    for (int i = 1; i <= 2; i++) {
        pthread_mutex_lock(&lock);
        while (count == 1)
            pthread_cond_wait(not_full, &lock);
        queue[count++] = i;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *consume(void *arg)
{
    for (int i = 1; i <= 2; i++) {
        pthread_mutex_lock(&lock);
        while (count == 0)
            pthread_cond_wait(&not_empty, &lock);
        sum += queue[--count];
        pthread_cond_signal(not_full);
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

int main(void)
{
    pthread_t consumers[] = {start(consume, NULL), start(consume, NULL)};
    nap_if_led(); /* both wait, and one wakes the other */
    pthread_t producers[] = {start(produce, NULL), start(produce, NULL)};
    for (int i = 0; i < 2; i++) {
        join(producers[i]);
        join(consumers[i]);
    }
    return sum != 6;
}
