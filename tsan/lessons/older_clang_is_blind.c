/* answer: data race
 * not seen by: clang before 21
 * sibling: local_group, 1 line
 * pair: main "printf", worker "job->result = 42" */
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
    struct job local = {0}, *job = &local;
    if (waitgroup_go(&job->wg, worker, job) != 0)
        return 1;
    printf("%d\n", job->result);
    waitgroup_wait(&job->wg);
}
