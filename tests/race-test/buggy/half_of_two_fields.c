/* Plain pthreads. The reader wants sum and count of the same moment; each by itself is read well. */
#include "../work.h"

enum { ROUNDS = 3 };
static unsigned version;
static long sum, count;

static void *measure(void *arg)
{
    for (long i = 1; i <= ROUNDS; i++) {
        wait_for_device(300);
        __atomic_fetch_add(&version, 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&sum, 10 * i, __ATOMIC_SEQ_CST);
        __atomic_store_n(&count, i, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&version, 1, __ATOMIC_SEQ_CST);
    }
    return arg;
}

static void read_both(long *s, long *c)
{
#ifdef CORRECT
    unsigned before;
    do {
        while ((before = __atomic_load_n(&version, __ATOMIC_SEQ_CST)) % 2)
            sched_yield();
        *s = __atomic_load_n(&sum, __ATOMIC_SEQ_CST);
        *c = __atomic_load_n(&count, __ATOMIC_SEQ_CST);
    } while (__atomic_load_n(&version, __ATOMIC_SEQ_CST) != before);
#else
    *s = __atomic_load_n(&sum, __ATOMIC_SEQ_CST);
    *c = __atomic_load_n(&count, __ATOMIC_SEQ_CST); /* the bug: perhaps of another round */
#endif
}

int main(void)
{
    long s, c;
    pthread_t device = start_thread(measure, NULL);
    wait_for_device(500);
    read_both(&s, &c);
    pthread_join(device, NULL);
    return s != 10 * c;
}
