/* Plain pthreads. The owner takes from the bottom, the thief from the top (Chase and Lev); where the two
 * meet, at the last task, both may have it. */
#include "../work.h"

enum { TASKS = 3 };
static long top, bottom;
static int done[TASKS];

static void run(long task)
{
    __atomic_fetch_add(&done[task], 1, __ATOMIC_RELAXED);
}

static int take_top(long t)
{
    return __atomic_compare_exchange_n(&top, &t, t + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void take(void)
{
    long b = __atomic_sub_fetch(&bottom, 1, __ATOMIC_SEQ_CST), t = __atomic_load_n(&top, __ATOMIC_SEQ_CST);
    if (t < b) {
        run(b);
        return;
    }
    __atomic_store_n(&bottom, b + 1, __ATOMIC_SEQ_CST);
#ifdef CORRECT
    if (t == b && take_top(t))
        run(b);
#else
    if (t == b) {
        run(b);
        __atomic_store_n(&top, t + 1, __ATOMIC_SEQ_CST); /* the bug: a thief may have been faster */
    }
#endif
}

static void *thief(void *arg)
{
    wait_for_device(800);
    long t = __atomic_load_n(&top, __ATOMIC_SEQ_CST);
    if (t < __atomic_load_n(&bottom, __ATOMIC_SEQ_CST) && take_top(t))
        run(t);
    return arg;
}

int main(void)
{
    __atomic_store_n(&bottom, TASKS, __ATOMIC_SEQ_CST);
    pthread_t other = start_thread(thief, NULL);
    wait_for_device(1600);
    for (int i = 0; i < TASKS; i++)
        take();
    pthread_join(other, NULL);
    for (int i = 0; i < TASKS; i++)
        if (__atomic_load_n(&done[i], __ATOMIC_RELAXED) != 1)
            return 1;
    return 0;
}
