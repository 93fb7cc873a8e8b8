/* question: is an add seen that is ordered before the first waiter, but not before the second? | rule: add | mirrors: - | expect: no race | strict: WaitGroup misuse in waitgroup_wait */
#include "scenario.h"

waitgroup_t wg;

static void *second_waiter(void *unused)
{
    until_blocked(&wg, 1);
    waitgroup_wait(&wg);
    return unused;
}

static void *worker(void *unused)
{
    until_blocked(&wg, 2);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    pthread_t other = thread_start(second_waiter);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&wg);
    thread_join(thread);
    thread_join(other);
    return done();
}
