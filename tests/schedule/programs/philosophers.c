/* plain: too rare an order | bug 1: deadlock, lock-order-inversion */
#include "../program.h"

/* Seven forks: all must be taken before anybody takes a second one. */
enum { SEATS = 7 };
static pthread_mutex_t forks[SEATS];

static void *dine(void *arg)
{
    const int seat = (int)((pthread_mutex_t *)arg - forks), next = (seat + 1) % SEATS;
    const int left = BUG || seat < next ? seat : next, right = left == seat ? next : seat;
    pthread_mutex_lock(&forks[left]);
    pthread_mutex_lock(&forks[right]);
    pthread_mutex_unlock(&forks[right]);
    pthread_mutex_unlock(&forks[left]);
    return arg;
}

int main(void)
{
    pthread_t threads[SEATS];
    for (int i = 0; i < SEATS; i++)
        pthread_mutex_init(&forks[i], NULL);
    for (int i = 0; i < SEATS; i++)
        threads[i] = start(dine, &forks[i]);
    for (int i = 0; i < SEATS; i++)
        join(threads[i]);
    return 0;
}
