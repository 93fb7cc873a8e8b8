/* question: does one done order a later done of another worker after it? | rule: order only | mirrors: RaceWaitGroup2 | expect: data race in second */
#include "scenario.h"

waitgroup_t wg;
moment_t first_is_done;
int result;

static void *first(void *unused)
{
    result = 1;
    waitgroup_done(&wg);
    moment_pass(&first_is_done);
    return unused;
}

static void *second(void *unused)
{
    moment_pass(&first_is_done);
    waitgroup_done(&wg);
    result = 2;
    return unused;
}

int main(void)
{
    moment_init(&first_is_done, 2);
    waitgroup_add(&wg, 2);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(second);
    thread_join(a);
    thread_join(b);
    return done();
}
