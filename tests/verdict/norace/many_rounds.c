/* question: is a group that is reused for many rounds, its waiter starting each, ever reported? | rule: reuse | mirrors: NoRaceWaitGroupReuse | expect: no race */
#include "scenario.h"

enum { ROUNDS = 50, WORKERS = 4 };

waitgroup_t wg;
int results[WORKERS];
int sum;

static void work(void *result)
{
    ++*(int *)result;
}

int main(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WORKERS; i++)
            if (waitgroup_go(&wg, work, &results[i]) != 0)
                return 1;
        waitgroup_wait(&wg);
        for (int i = 0; i < WORKERS; i++)
            sum += results[i];
    }
    return sum == WORKERS * ROUNDS * (ROUNDS + 1) / 2 ? done() : 1;
}
