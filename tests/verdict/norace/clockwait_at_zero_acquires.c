/* question: is a clockwait that finds zero, its deadline long past, ordered after the done? | rule: deadline | mirrors: none, Go has no deadline | expect: no race */
#include "scenario.h"

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
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    moment_pass(&finished);
    if (waitgroup_clockwait(&wg, CLOCK_REALTIME, &past) != 0)
        return 1;
    result++;
    thread_join(thread);
    return done();
}
