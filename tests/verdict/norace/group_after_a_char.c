/* question: does a group work behind a member of one byte? | rule: order | mirrors: TestWaitGroupAlign | expect: no race */
#include "scenario.h"

struct job {
    char tag;
    waitgroup_t wg;
} job;

static void *worker(void *unused)
{
    job.tag = 'x';
    until_blocked(&job.wg, 1);
    waitgroup_done(&job.wg);
    return unused;
}

int main(void)
{
    waitgroup_add(&job.wg, 1);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&job.wg);
    job.tag++;
    thread_join(thread);
    return done();
}
