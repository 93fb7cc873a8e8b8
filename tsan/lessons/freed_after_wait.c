/* answer: no race
 * sibling: done_orders_wait, 11 lines
 * pair: worker "job->result = 42", main "printf" */
#include "lesson.h"
#include <stdlib.h>

struct job {
    waitgroup_t wg;
    int result;
};
struct job *job;

THREAD(worker)
{
    job->result = 42;
    waitgroup_done(&job->wg);
    return 0;
}

int main(void)
{
    pthread_t t;
    job = calloc(1, sizeof *job);
    waitgroup_add(&job->wg, 1);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&job->wg);
    printf("%d\n", job->result);
    free(job);
    pthread_join(t, 0);
}
