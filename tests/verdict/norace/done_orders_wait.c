/* question: is what a worker wrote before done visible after the wait that it releases? | rule: order | mirrors: NoRaceWaitGroup2 | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t finished;
int result;

static void *worker(void *unused)
{
    until_blocked(&wg, 1);
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
    waitgroup_wait(&wg);
    moment_pass(&finished);
    result++;
    thread_join(thread);
    return done();
}
