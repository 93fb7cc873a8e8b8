/* question: is a wait that finds zero and returns at once ordered after the done? | rule: order | mirrors: - | expect: no race */
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
    moment_init(&finished, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    moment_pass(&finished);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
