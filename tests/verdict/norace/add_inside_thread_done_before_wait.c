/* question: is it seen when the thread is through before the wait, which finds zero? | rule: add | mirrors: - | expect: no race | strict: WaitGroup misuse in waitgroup_wait */
#include "scenario.h"

waitgroup_t wg;
moment_t finished;

static void *worker(void *unused)
{
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    moment_pass(&finished);
    return unused;
}

int main(void)
{
    moment_init(&finished, 2);
    pthread_t thread = thread_start(worker);
    moment_pass(&finished);
    waitgroup_wait(&wg);
    thread_join(thread);
    return done();
}
