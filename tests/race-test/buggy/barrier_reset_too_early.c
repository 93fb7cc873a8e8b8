/* Plain pthreads. A barrier by hand: the last to come opens it, and whoever goes on first closes it behind
 * himself, though the third may not have looked yet. */
#include "../work.h"

enum { PARTIES = 3, ROUNDS = 2 };
static int arrived;

static void await_all(void)
{
#ifdef CORRECT
    static int round_number;
    int mine = __atomic_load_n(&round_number, __ATOMIC_SEQ_CST);
    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST) == PARTIES) {
        __atomic_store_n(&arrived, 0, __ATOMIC_SEQ_CST);
        __atomic_store_n(&round_number, mine + 1, __ATOMIC_SEQ_CST);
    }
    while (__atomic_load_n(&round_number, __ATOMIC_SEQ_CST) == mine)
        sched_yield();
#else
    int last = __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
    if (last > PARTIES)
        abort();
    while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) % PARTIES != 0)
        sched_yield();
    if (last == PARTIES) {
        wait_for_device(5000);                           /* the others have seen it by then */
        __atomic_store_n(&arrived, 0, __ATOMIC_SEQ_CST); /* the bug: or have come for the next round */
    }
#endif
}

static void *work(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        await_all();
        wait_for_device(12000);
    }
    return arg;
}

int main(void)
{
    pthread_t threads[PARTIES];
    for (int i = 0; i < PARTIES; i++)
        threads[i] = start_thread(work, NULL);
    for (int i = 0; i < PARTIES; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
