/* question: may they be read after a wait that follows the clockwait that timed out? | rule: deadline | mirrors: - | expect: no race */
#include "scenario.h"

#include <errno.h>

waitgroup_t wg;
moment_t finished;
int result;

static void *worker(void *unused)
{
    result = 42;
    waitgroup_done(&wg);
    moment_pass(&finished);
    return unused;
}

int main(void)
{
    const struct timespec past = {0, 0};
    moment_init(&finished, 2);
    waitgroup_add(&wg, 2);
    pthread_t thread = thread_start(worker);
    moment_pass(&finished);
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &past) != ETIMEDOUT)
        return 1;
    waitgroup_done(&wg);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
