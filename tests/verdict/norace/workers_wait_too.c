/* question: may workers wait for each other after their own done, beside the starter? | rule: order | mirrors: NoRaceWaitGroupMultipleWait2 | expect: no race */
#include "scenario.h"

enum { WORKERS = 2 };

waitgroup_t wg;
int results[WORKERS];

static int sum(void)
{
    int total = 0;
    for (int i = 0; i < WORKERS; i++)
        total += results[i];
    return total;
}

static void *worker(void *result)
{
    *(int *)result = 21;
    waitgroup_done(&wg);
    waitgroup_wait(&wg);
    return sum() == 42 ? result : NULL;
}

int main(void)
{
    pthread_t threads[WORKERS];
    waitgroup_add(&wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&threads[i], NULL, worker, &results[i]) != 0)
            return 3;
    waitgroup_wait(&wg);
    int right = sum() == 42;
    for (int i = 0; i < WORKERS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        right = right && result == &results[i];
    }
    return right ? done() : 1;
}
