/* question: and with a join before the reuse? | rule: reuse | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t returned;

static void *waiter(void *unused)
{
    waitgroup_wait(&wg);
    moment_pass(&returned);
    return unused;
}

int main(void)
{
    moment_init(&returned, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(waiter);
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    moment_pass(&returned);
    thread_join(thread);
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    return done();
}
