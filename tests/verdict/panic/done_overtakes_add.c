/* question: is a done seen that comes before the add which counts its task? | rule: balance | mirrors: - | expect: sync: negative WaitGroup counter */
#include "scenario.h"

waitgroup_t wg;
moment_t handed_over, finished;

static void *worker(void *unused)
{
    moment_pass(&handed_over);
    waitgroup_done(&wg);
    moment_pass(&finished);
    return unused;
}

int main(void)
{
    moment_init(&handed_over, 2);
    moment_init(&finished, 2);
    pthread_t thread = thread_start(worker);
    moment_pass(&handed_over);
    moment_pass(&finished);
    waitgroup_add(&wg, 1);
    waitgroup_wait(&wg);
    thread_join(thread);
    return done();
}
