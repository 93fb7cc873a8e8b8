/* question: does a waiter that blocks order one that blocks after it? | rule: order only | mirrors: - | expect: data race in second */
#include "scenario.h"

waitgroup_t wg;
int result;

static void *first(void *unused)
{
    result = 1;
    waitgroup_wait(&wg);
    return unused;
}

static void *second(void *unused)
{
    until_blocked(&wg, 1);
    waitgroup_wait(&wg);
    result = 2;
    return unused;
}

int main(void)
{
    waitgroup_add(&wg, 1);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(second);
    until_blocked(&wg, 2);
    waitgroup_done(&wg);
    thread_join(a);
    thread_join(b);
    return done();
}
