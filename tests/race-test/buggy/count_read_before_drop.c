/* Plain pthreads. The last holder cleans up. Each finds out by a look whether it is the last. */
#include "../work.h"

static int holders = 3, cleaned;

static void *hold(void *arg)
{
    wait_for_device(*(int *)arg);
#ifdef CORRECT
    if (__atomic_fetch_sub(&holders, 1, __ATOMIC_ACQ_REL) == 1)
        __atomic_fetch_add(&cleaned, 1, __ATOMIC_RELAXED);
#else
    if (__atomic_load_n(&holders, __ATOMIC_ACQUIRE) == 1)
        __atomic_fetch_add(&cleaned, 1, __ATOMIC_RELAXED);
    else
        __atomic_fetch_sub(&holders, 1, __ATOMIC_ACQ_REL); /* the bug: it may be the last by now */
#endif
    return NULL;
}

int main(void)
{
    static int times[] = {500, 1500, 2500};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = start_thread(hold, &times[i]);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    return cleaned != 1;
}
