/* answer: no race
 * not seen by: clang before 21
 * sibling: freed_after_wait, 2 lines
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
    struct job local = {0}, *job = &local;
    if (waitgroup_go(&job->wg, worker, job) != 0)
        return 1;
    waitgroup_wait(&job->wg);
    printf("%d\n", job->result);
}
