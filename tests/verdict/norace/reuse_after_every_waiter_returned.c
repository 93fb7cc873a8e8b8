/* question: and ordered after both? | rule: reuse | mirrors: NoRaceWaitGroupReuse2 | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t returned;

static void *first_waiter(void *unused)
{
    waitgroup_wait(&wg);
    return unused;
}

static void *second_waiter(void *unused)
{
    until_blocked(&wg, 1);
    waitgroup_wait(&wg);
    moment_pass(&returned);
    return unused;
}

int main(void)
{
    moment_init(&returned, 2);
    waitgroup_add(&wg, 1);
    pthread_t first = thread_start(first_waiter);
    pthread_t second = thread_start(second_waiter);
    until_blocked(&wg, 2);
    waitgroup_done(&wg);
    moment_pass(&returned);
    thread_join(first);
    thread_join(second);
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    return done();
}
