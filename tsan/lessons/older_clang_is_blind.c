/* answer: data race
 * not seen by: clang before 21
 * sibling: read_before_wait, 12 lines
 * pair: main "int early = job.result", worker "job->result = 42" */
#include "lesson.h"

struct job {
    waitgroup_t wg;
    int result;
};

void worker(void *argument)
{
    struct job *job = argument;
    job->result = 42;
}

int main(void)
{
    struct job job = {.wg = WAITGROUP_INIT};
    if (waitgroup_go(&job.wg, worker, &job) != 0)
        return 1;
    int early = job.result;
    waitgroup_wait(&job.wg);
    printf("%d\n", early);
}
