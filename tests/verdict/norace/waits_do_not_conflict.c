/* question: do unordered waits conflict with each other, at zero and blocked? | rule: add | mirrors: NoRaceWaitGroupMultipleWait | expect: no race */
#include "scenario.h"

enum { WAITERS = 8 };

waitgroup_t wg;

static void *waiter(void *unused)
{
    waitgroup_wait(&wg);
    return unused;
}

int main(void)
{
    pthread_t blocked[WAITERS], at_zero[WAITERS];
    waitgroup_add(&wg, 1);
    for (int i = 0; i < WAITERS; i++)
        blocked[i] = thread_start(waiter);
    until_blocked(&wg, WAITERS);
    waitgroup_done(&wg);
    for (int i = 0; i < WAITERS; i++)
        at_zero[i] = thread_start(waiter);
    for (int i = 0; i < WAITERS; i++) {
        thread_join(blocked[i]);
        thread_join(at_zero[i]);
    }
    return done();
}
