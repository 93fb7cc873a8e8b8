/* question: does an add of a positive delta order a wait after it? | rule: order only | mirrors: - | expect: data race in adder, main */
#include "scenario.h"

waitgroup_t wg;
moment_t added;
int result;

static void *adder(void *unused)
{
    result = 42;
    waitgroup_add(&wg, 1);
    moment_pass(&added);
    return unused;
}

int main(void)
{
    moment_init(&added, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(adder);
    moment_pass(&added);
    waitgroup_add(&wg, -2);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
