/* question: is a reuse by the second waiter seen that nothing orders after the first? | rule: reuse | mirrors: - | expect: WaitGroup misuse in waitgroup_add */
#include "scenario.h"

waitgroup_t wg;
moment_t returned;

static void *worker(void *unused)
{
    until_blocked(&wg, 2);
    waitgroup_done(&wg);
    return unused;
}

static void *other_waiter(void *unused)
{
    waitgroup_wait(&wg);
    moment_pass(&returned);
    return unused;
}

int main(void)
{
    moment_init(&returned, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    pthread_t waiter = thread_start(other_waiter);
    until_blocked(&wg, 1);
    waitgroup_wait(&wg);
    moment_pass(&returned);
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    thread_join(waiter);
    thread_join(thread);
    return done();
}
