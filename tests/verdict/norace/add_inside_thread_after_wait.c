/* question: is an add inside the thread seen when the wait has returned at zero before it? | rule: add | mirrors: - | expect: no race | strict: WaitGroup misuse in waitgroup_add */
#include "scenario.h"

waitgroup_t wg;
moment_t waited;

static void *worker(void *unused)
{
    moment_pass(&waited);
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&waited, 2);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&wg);
    moment_pass(&waited);
    thread_join(thread);
    return done();
}
