/* Rounds on one group, each with several waiters; the next round begins when all of them are back. */
#include "../work.h"

static waitgroup_t round_, monitors;
static int results[4], seen[2];

static void part(void *arg)
{
    int *result = arg;
    compute(100);
    ++*result;
}

static void monitor(void *arg)
{
    int *sum = arg;
    waitgroup_wait(&round_);
    *sum = 0;
    for (int i = 0; i < 4; i++)
        *sum += results[i];
}

int main(void)
{
    for (int i = 1; i <= 4; i++) {
        for (int j = 0; j < 4; j++)
            start_task(&round_, part, &results[j]);
        start_task(&monitors, monitor, &seen[0]);
        start_task(&monitors, monitor, &seen[1]);
        waitgroup_wait(&round_);
        waitgroup_wait(&monitors);
        if (seen[0] != 4 * i || seen[1] != 4 * i)
            return 1;
        wait_for_device(3000);
    }
    return 0;
}
