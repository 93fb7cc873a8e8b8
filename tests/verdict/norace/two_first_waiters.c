/* question: do two waiters conflict that were both the first of a round, one having given up? | rule: deadline | mirrors: none, Go has no deadline | expect: no race */
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

static void *worker(void *unused)
{
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&gave_up, 2);
    waitgroup_add(&wg, 1);
    pthread_t impatient = thread_start(waiter);
    moment_pass(&gave_up);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&wg);
    thread_join(thread);
    thread_join(impatient);
    return done();
}
