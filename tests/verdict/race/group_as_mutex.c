/* question: does a group that two threads use as a mutex (wait, add, done) exclude them? | rule: order only | mirrors: RaceWaitGroupAsMutex | expect: data race in second | strict: data race in second; WaitGroup misuse in waitgroup_add */
#include "scenario.h"

waitgroup_t wg;
moment_t both_are_in, first_is_out;
int result;

static void *first(void *unused)
{
    waitgroup_wait(&wg);
    moment_pass(&both_are_in);
    waitgroup_add(&wg, 1);
    result = 1;
    waitgroup_done(&wg);
    moment_pass(&first_is_out);
    return unused;
}

static void *second(void *unused)
{
    waitgroup_wait(&wg);
    moment_pass(&both_are_in);
    moment_pass(&first_is_out);
    waitgroup_add(&wg, 1);
    result = 2;
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&both_are_in, 2);
    moment_init(&first_is_out, 2);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(second);
    thread_join(a);
    thread_join(b);
    return done();
}
