/* answer: no race
 * pair: worker "job->result = 42", main "printf" */
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
    struct job *job = calloc(1, sizeof *job);
    if (waitgroup_go(&job->wg, worker, job) != 0)
        return 1;
    waitgroup_wait(&job->wg);
    printf("%d\n", job->result);
    free(job);
}
