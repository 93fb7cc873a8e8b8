/* question: and with the add before the thread is started, the wait finding zero? | rule: add | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t finished;

static void *worker(void *unused)
{
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
    thread_join(thread);
    return done();
}
