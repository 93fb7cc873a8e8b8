/* bug 1: data race */
#include "../program.h"

static pthread_barrier_t barrier;
int part[2], wrong;

static void *work(void *arg)
{
    int me = arg != NULL;
    for (int round = 1; round <= 3; round++) {
        part[me] = round;
        pthread_barrier_wait(&barrier);
        meet(BUG);
        if (part[!me] != round)
            __atomic_store_n(&wrong, 1, __ATOMIC_RELAXED);
#if !BUG
        pthread_barrier_wait(&barrier); /* nobody begins the next round while the other reads */
#endif
    }
    return arg;
}

int main(void)
{
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_t thread = start(work, part);
    work(NULL);
    join(thread);
    pthread_barrier_destroy(&barrier);
    return BUG ? 0 : __atomic_load_n(&wrong, __ATOMIC_RELAXED);
}
