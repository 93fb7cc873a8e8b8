/* question: does the done of a worker that was not counted panic when it comes after the wait? | rule: balance | mirrors: - | expect: sync: negative WaitGroup counter */
#include "scenario.h"

waitgroup_t wg;
moment_t waited;

static void *counted(void *unused)
{
    waitgroup_done(&wg);
    return unused;
}

static void *late(void *unused)
{
    moment_pass(&waited);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&waited, 2);
    waitgroup_add(&wg, 1);
    pthread_t a = thread_start(counted);
    pthread_t b = thread_start(late);
    waitgroup_wait(&wg);
    moment_pass(&waited);
    thread_join(a);
    thread_join(b);
    return done();
}
