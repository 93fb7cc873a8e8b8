/* question: does each of several waiters see in order what each of several workers wrote? | rule: order | mirrors: NoRaceWaitGroupMultipleWait3 | expect: no race */
#include "scenario.h"

enum { THREADS = 3 };

waitgroup_t wg;
int results[THREADS];
int sums[THREADS];

static void *worker(void *result)
{
    *(int *)result = 42;
    waitgroup_done(&wg);
    return NULL;
}

static void *waiter(void *sum)
{
    waitgroup_wait(&wg);
    for (int i = 0; i < THREADS; i++)
        *(int *)sum += results[i];
    return NULL;
}

int main(void)
{
    pthread_t workers[THREADS], waiters[THREADS];
    waitgroup_add(&wg, THREADS);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&workers[i], NULL, worker, &results[i]) != 0 ||
            pthread_create(&waiters[i], NULL, waiter, &sums[i]) != 0)
            return 3;
    int total = 0;
    for (int i = 0; i < THREADS; i++) {
        thread_join(waiters[i]);
        thread_join(workers[i]);
        total += sums[i];
    }
    return total == THREADS * THREADS * 42 ? done() : 1;
}
