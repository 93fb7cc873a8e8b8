/* question: is what a worker writes after done ordered before the wait returns? | rule: order only | mirrors: - | expect: data race in worker, main */
#include "scenario.h"

waitgroup_t wg;
moment_t finished;
int result;

static void *worker(void *unused)
{
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    result = 42;
    moment_pass(&finished);
    return unused;
}

int main(void)
{
    moment_init(&finished, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&wg);
    moment_pass(&finished);
    result++;
    thread_join(thread);
    return done();
}
