/* question: is a wait ordered after every done, also when the last one alone releases it? | rule: order | mirrors: NoRaceWaitGroupTransitive | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t first_is_done;
int one, other;

static void *first(void *unused)
{
    one = 42;
    waitgroup_done(&wg);
    moment_pass(&first_is_done);
    return unused;
}

static void *last(void *unused)
{
    moment_pass(&first_is_done);
    until_blocked(&wg, 1);
    other = 42;
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&first_is_done, 2);
    waitgroup_add(&wg, 2);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(last);
    waitgroup_wait(&wg);
    one++;
    other++;
    thread_join(a);
    thread_join(b);
    return done();
}
