/* question: is a done that could come before its add silent where it comes after? | rule: balance | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t handed_over, counted;

static void *worker(void *unused)
{
    moment_pass(&handed_over);
    moment_pass(&counted);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&handed_over, 2);
    moment_init(&counted, 2);
    pthread_t thread = thread_start(worker);
    moment_pass(&handed_over);
    waitgroup_add(&wg, 1);
    moment_pass(&counted);
    waitgroup_wait(&wg);
    thread_join(thread);
    return done();
}
