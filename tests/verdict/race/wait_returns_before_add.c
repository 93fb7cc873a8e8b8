/* question: are results safe to read when the wait returned before the worker's own add? | rule: add | mirrors: RaceWaitGroupWrongWait | expect: data race in worker, main | strict: data race in worker, main; WaitGroup misuse in waitgroup_add */
#include "scenario.h"

waitgroup_t wg;
moment_t may_start, finished;
int result;

static void *worker(void *unused)
{
    moment_pass(&may_start);
    waitgroup_add(&wg, 1);
    result = 42;
    waitgroup_done(&wg);
    moment_pass(&finished);
    return unused;
}

int main(void)
{
    moment_init(&may_start, 2);
    moment_init(&finished, 2);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&wg);
    moment_pass(&may_start);
    moment_pass(&finished);
    result++;
    thread_join(thread);
    return done();
}
