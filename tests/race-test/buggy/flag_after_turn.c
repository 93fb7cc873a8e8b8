/* Plain pthreads. Peterson's lock for two, its first two steps in the wrong order. */
#include "../work.h"

static int wants[2], turn;
int counter;

static void *work(void *arg)
{
    int me = *(int *)arg;
    wait_for_device(500 + 1500 * me);
#ifdef CORRECT
    __atomic_store_n(&wants[me], 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&turn, !me, __ATOMIC_SEQ_CST);
#else
    __atomic_store_n(&turn, !me, __ATOMIC_SEQ_CST); /* the bug */
    __atomic_store_n(&wants[me], 1, __ATOMIC_SEQ_CST);
#endif
    while (__atomic_load_n(&wants[!me], __ATOMIC_SEQ_CST) && __atomic_load_n(&turn, __ATOMIC_SEQ_CST) != me)
        sched_yield();
    counter++;
    __atomic_store_n(&wants[me], 0, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void)
{
    static int numbers[] = {0, 1};
    pthread_t other = start_thread(work, &numbers[1]);
    work(&numbers[0]);
    pthread_join(other, NULL);
    return counter != 2;
}
