/* question: is what a worker wrote before done visible after the clockwait that it releases? | rule: deadline | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
int result;

static void *worker(void *unused)
{
    result = 42;
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    const struct timespec far_future = {4000000000, 0};
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    if (waitgroup_clockwait(&wg, CLOCK_REALTIME, &far_future) != 0)
        return 1;
    result++;
    thread_join(thread);
    return done();
}
