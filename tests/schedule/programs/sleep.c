/* bug 1: data race | bug 2: exit 1 */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *work(void *arg)
{
    usleep(BUG == 2 ? 300000 : 1000);
    pthread_mutex_lock(&lock);
    x++;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t thread = start(work, NULL);
#if BUG == 1
    usleep(300000); /* as if a nap were an order */
    x++;
    join(thread);
#elif BUG == 2
    struct timespec nap = {0, 1000000}; /* who naps longest is no order, either */
    nanosleep(&nap, NULL);
    pthread_mutex_lock(&lock);
    int seen = x;
    pthread_mutex_unlock(&lock);
    join(thread);
    return seen != 1;
#else
    struct timespec nap = {0, 1000000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
    join(thread);
    x++;
#endif
    return BUG ? 0 : x != 2;
}
