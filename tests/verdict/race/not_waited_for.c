/* question: does a group order a worker before somebody who does not wait? | rule: order only | mirrors: - | expect: data race in worker, main */
#include "scenario.h"

waitgroup_t wg;
moment_t written;
int result;

static void *worker(void *unused)
{
    result = 42;
    waitgroup_done(&wg);
    moment_pass(&written);
    return unused;
}

int main(void)
{
    moment_init(&written, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    moment_pass(&written);
    result++;
    thread_join(thread);
    return done();
}
