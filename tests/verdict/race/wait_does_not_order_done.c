/* question: does entering a wait order a later done after it? | rule: order only | mirrors: - | expect: data race in main */
#include "scenario.h"

waitgroup_t wg;
int result;

static void *waiter(void *unused)
{
    result = 1;
    waitgroup_wait(&wg);
    return unused;
}

int main(void)
{
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(waiter);
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    result = 2;
    thread_join(thread);
    return done();
}
