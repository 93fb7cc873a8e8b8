/* question: does a wait return only after the last done, for many waiters and in round after round? | rule: reuse | mirrors: TestWaitGroup | expect: no race */
#include "scenario.h"

enum { ROUNDS = 8, WORKERS = 16 };

waitgroup_t arrived, released;
int is_open;
int early;

static void *worker(void *unused)
{
    waitgroup_done(&arrived);
    waitgroup_wait(&released);
    if (!is_open)
        __atomic_fetch_add(&early, 1, __ATOMIC_RELAXED);
    return unused;
}

static void round_of_workers(void)
{
    pthread_t threads[WORKERS];
    waitgroup_add(&arrived, WORKERS);
    waitgroup_add(&released, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        threads[i] = thread_start(worker);
    waitgroup_wait(&arrived);
    for (int i = 0; i < WORKERS - 1; i++)
        waitgroup_done(&released);
    is_open = 1;
    waitgroup_done(&released);
    for (int i = 0; i < WORKERS; i++)
        thread_join(threads[i]);
    is_open = 0;
}

int main(void)
{
    for (int i = 0; i < ROUNDS; i++)
        round_of_workers();
    return early == 0 ? done() : 1;
}
