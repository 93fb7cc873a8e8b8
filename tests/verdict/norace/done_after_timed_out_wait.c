/* question: is a wait that timed out, with the done after it, taken for misuse? | rule: deadline | mirrors: - | expect: no race */
#include "scenario.h"

#include <errno.h>

waitgroup_t wg;
moment_t gave_up;

static void *worker(void *unused)
{
    moment_pass(&gave_up);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    const struct timespec past = {0, 0};
    moment_init(&gave_up, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &past) != ETIMEDOUT)
        return 1;
    moment_pass(&gave_up);
    thread_join(thread);
    return done();
}
