/* question: does a waiter see in order what is written while it still has to wait? | rule: order only | mirrors: - | expect: data race in waiter, main */
#include "scenario.h"

waitgroup_t wg;
moment_t read_early;
int result, seen;

static void *waiter(void *unused)
{
    seen = result;
    moment_pass(&read_early);
    waitgroup_wait(&wg);
    return unused;
}

int main(void)
{
    moment_init(&read_early, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(waiter);
    moment_pass(&read_early);
    result = 42;
    waitgroup_done(&wg);
    thread_join(thread);
    return done();
}
