/* question: does one add order a later add of another thread after it? | rule: order only | mirrors: - | expect: data race in second */
#include "scenario.h"

waitgroup_t wg;
moment_t first_is_through;
int result;

static void *first(void *unused)
{
    result = 1;
    waitgroup_add(&wg, 1);
    moment_pass(&first_is_through);
    return unused;
}

static void *second(void *unused)
{
    moment_pass(&first_is_through);
    waitgroup_add(&wg, 1);
    result = 2;
    return unused;
}

int main(void)
{
    moment_init(&first_is_through, 2);
    waitgroup_add(&wg, 1);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(second);
    thread_join(a);
    thread_join(b);
    return done();
}
