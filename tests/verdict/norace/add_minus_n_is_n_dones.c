/* question: does one add(-2), the last, release a blocked wait in order? | rule: order | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
int result;

static void *worker(void *unused)
{
    result = 42;
    until_blocked(&wg, 1);
    waitgroup_add(&wg, -2);
    return unused;
}

int main(void)
{
    waitgroup_add(&wg, 2);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
