/* bug 1: data race | bug 2: data race */
#include "../program.h"

int x;

static void *work(void *arg)
{
    meet(BUG);
    x++;
    return arg;
}

int main(void)
{
    pthread_t thread = start(work, NULL);
    struct timespec late = in_seconds(CLOCK_REALTIME, BUG ? 0 : 1000);
#if BUG == 1
    if (pthread_tryjoin_np(thread, NULL) == EBUSY) {
        meet(BUG);
        x++;
        join(thread);
    }
#elif BUG == 2
    if (pthread_timedjoin_np(thread, NULL, &late) == ETIMEDOUT) {
        meet(BUG);
        x++;
        join(thread);
    }
#else
    while (pthread_timedjoin_np(thread, NULL, &late) == ETIMEDOUT)
        late = in_seconds(CLOCK_REALTIME, 1000);
#endif
    return BUG ? 0 : x != 1;
}
