/* question: does a done of one group order a wait on another? | rule: order only | mirrors: - | expect: data race in worker, main */
#include "scenario.h"

waitgroup_t a, b;
moment_t written;
int result;

static void *worker(void *unused)
{
    result = 42;
    waitgroup_done(&a);
    moment_pass(&written);
    return unused;
}

int main(void)
{
    moment_init(&written, 2);
    waitgroup_add(&a, 1);
    pthread_t thread = thread_start(worker);
    moment_pass(&written);
    waitgroup_wait(&b);
    result++;
    thread_join(thread);
    return done();
}
