/* question: do unordered adds that take the counter from zero conflict with each other? | rule: add | mirrors: NoRaceWaitGroupConcurrentAdd | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t first_is_through;

static void *first(void *unused)
{
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    moment_pass(&first_is_through);
    return unused;
}

static void *second(void *unused)
{
    moment_pass(&first_is_through);
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&first_is_through, 2);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(second);
    thread_join(a);
    thread_join(b);
    waitgroup_wait(&wg);
    return done();
}
