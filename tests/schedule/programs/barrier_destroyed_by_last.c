/* bug 1: data race, deadlock | plain: its barrier is read once more by each who leaves, and so is never destroyed in time */
#include "../program.h"

static pthread_barrier_t barrier;

static void *work(void *arg)
{
    int serial = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
#if BUG
    if (!serial)
        pthread_barrier_wait(&barrier); /* once too often */
#endif
    if (serial)
        pthread_barrier_destroy(&barrier);
    return arg;
}

int main(void)
{
    pthread_barrier_init(&barrier, NULL, 2);
    beside(work);
    return 0;
}
