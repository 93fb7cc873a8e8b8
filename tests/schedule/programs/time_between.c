/* plain: the nap is over too late | bug 1: exit 1 */
#include "../program.h"

/* Of two looks at the clock, time may pass between them: another's nap does. */
static void *nap(void *arg)
{
    usleep(300000);
    return arg;
}

int main(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_t thread = start(nap, NULL);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    pthread_mutex_lock(&lock);
    clock_gettime(CLOCK_MONOTONIC, &after);
    pthread_mutex_unlock(&lock);
    const long between = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
    join(thread);
    return BUG ? between > 200000000 : between < 0;
}
