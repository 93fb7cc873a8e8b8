/* question: and when the wait comes after the worker's done? | rule: add | mirrors: - | expect: no race | strict: WaitGroup misuse in waitgroup_wait */
#include "scenario.h"

waitgroup_t wg;
moment_t may_start, finished;
int result;

static void *worker(void *unused)
{
    moment_pass(&may_start);
    waitgroup_add(&wg, 1);
    result = 42;
    waitgroup_done(&wg);
    moment_pass(&finished);
    return unused;
}

int main(void)
{
    moment_init(&may_start, 2);
    moment_init(&finished, 2);
    pthread_t thread = thread_start(worker);
    moment_pass(&may_start);
    moment_pass(&finished);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
