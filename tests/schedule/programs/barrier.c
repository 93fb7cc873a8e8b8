/* bug 1: data race | bug 2: deadlock */
#include "../program.h"

static pthread_barrier_t barrier;
int part[2], sum[2], serial;

static void *work(void *arg)
{
    int me = arg != NULL;
#if BUG == 1
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
        serial++;
    part[me] = me + 1;
#else
    part[me] = me + 1;
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
        serial++;
#endif
    sum[me] = part[0] + part[1];
    return arg;
}

int main(void)
{
    pthread_barrier_init(&barrier, NULL, BUG == 2 ? 3 : 2);
    pthread_t thread = start(work, part);
    work(NULL);
    join(thread);
    pthread_barrier_destroy(&barrier);
    return serial != 1 || (!BUG && (sum[0] != 3 || sum[1] != 3));
}
