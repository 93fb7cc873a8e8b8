/* question: does a wait that returns order a wait of another thread after it? | rule: order only | mirrors: - | expect: data race in second */
#include "scenario.h"

waitgroup_t wg;
moment_t first_is_back;
int result;

static void *first(void *unused)
{
    result = 1;
    waitgroup_wait(&wg);
    moment_pass(&first_is_back);
    return unused;
}

static void *second(void *unused)
{
    moment_pass(&first_is_back);
    waitgroup_wait(&wg);
    result = 2;
    return unused;
}

int main(void)
{
    moment_init(&first_is_back, 2);
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    pthread_t a = thread_start(first);
    pthread_t b = thread_start(second);
    thread_join(a);
    thread_join(b);
    return done();
}
