/* question: is a new round seen that nothing orders after a clockwait that gave up on the round before? | rule: deadline | mirrors: none, Go has no deadline | expect: WaitGroup misuse in waitgroup_add */
#include "scenario.h"

#include <errno.h>

waitgroup_t wg;
moment_t gave_up;

static void *waiter(void *unused)
{
    const struct timespec past = {0, 0};
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &past) != ETIMEDOUT)
        exit(1);
    moment_pass(&gave_up);
    return unused;
}

int main(void)
{
    moment_init(&gave_up, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(waiter);
    moment_pass(&gave_up);
    waitgroup_done(&wg);
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    thread_join(thread);
    return done();
}
