/* bug 1: data race, exit 1 */
#include "../program.h"
#include <waitgroup.h>

/* A wait with a deadline, though it naps under TSan, ends by the deadline and not before. */
static waitgroup_t group;
int x;

static void *work(void *arg)
{
    x++;
    waitgroup_done(&group);
    return arg;
}

int main(void)
{
    struct timespec soon = in_seconds(CLOCK_MONOTONIC, led ? 0 : 1800);
    waitgroup_add(&group, 2);
    pthread_t thread = start(work, NULL);
    if (waitgroup_clockwait(&group, CLOCK_MONOTONIC, &soon) != ETIMEDOUT)
        return 1;
    struct timespec now = in_seconds(CLOCK_MONOTONIC, 0);
    if (now.tv_sec < soon.tv_sec)
        return 2;
    waitgroup_done(&group);
#if !BUG
    waitgroup_wait(&group);
#endif
    int seen = x;
    join(thread);
    return seen != 1;
}
