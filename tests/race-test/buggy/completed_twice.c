/* Each part counts itself off and then looks whether all are done; the last one reports the whole done. */
#include "../work.h"

enum { PARTS = 3 };
static waitgroup_t whole;
static int left = PARTS;

static void *do_part(void *arg)
{
    wait_for_device(*(int *)arg);
#ifdef CORRECT
    if (__atomic_sub_fetch(&left, 1, __ATOMIC_ACQ_REL) == 0)
#else
    __atomic_fetch_sub(&left, 1, __ATOMIC_ACQ_REL);
    if (__atomic_load_n(&left, __ATOMIC_ACQUIRE) == 0) /* the bug: two may see the end */
#endif
        waitgroup_done(&whole);
    return NULL;
}

int main(void)
{
    static int times[PARTS] = {500, 1500, 2500};
    pthread_t threads[PARTS];
    waitgroup_add(&whole, 1);
    for (int i = 0; i < PARTS; i++)
        threads[i] = start_thread(do_part, &times[i]);
    waitgroup_wait(&whole);
    for (int i = 0; i < PARTS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
