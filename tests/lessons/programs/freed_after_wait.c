/* expect: no race */
#include <pthread.h>
#include <stdlib.h>
#include <waitgroup.h>

struct job {
    waitgroup_t wg;
    int result;
};

static void *worker(void *argument)
{
    struct job *job = argument;
    job->result = 1;
    waitgroup_done(&job->wg);
    return NULL;
}

int main(void)
{
    for (int i = 0; i < 2; i++) {
        struct job *job = calloc(1, sizeof *job);
        pthread_t thread;
        if (!job)
            return 1;
        waitgroup_add(&job->wg, 1);
        pthread_create(&thread, NULL, worker, job);
        pthread_detach(thread);
        waitgroup_wait(&job->wg);
        free(job);
    }
}
