/* bug 1: data race | bug 2: exit 1 */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *holder(void *arg)
{
    pthread_mutex_lock(&lock);
    meet(BUG);
    x++;
    usleep(BUG ? 200000 : 1000);
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t thread = start(holder, NULL);
    meet(BUG);
    struct timespec soon = in_seconds(CLOCK_REALTIME, BUG ? 0 : 100);
    int error = pthread_mutex_timedlock(&lock, &soon);
    if (error == 0 || BUG == 1)
        x++;
    if (error == 0)
        pthread_mutex_unlock(&lock);
    join(thread);
    if (error != 0 && !BUG)
        x++;
    return x != 2;
}
