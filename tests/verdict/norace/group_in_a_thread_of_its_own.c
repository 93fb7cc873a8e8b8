/* question: are groups on stacks and in heap blocks that are used again taken for older ones? | rule: order | mirrors: - | expect: no race */
#include "scenario.h"

enum { ROUNDS = 200 };

int input, result;

struct job {
    waitgroup_t wg;
    int result;
};

static void task(void *job)
{
    ((struct job *)job)->result = input;
}

static int on_the_stack(void)
{
    struct job job = {WAITGROUP_INIT, 0};
    if (waitgroup_go(&job.wg, task, &job) != 0)
        exit(1);
    waitgroup_wait(&job.wg);
    return job.result;
}

static int on_the_heap(void)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL || waitgroup_go(&job->wg, task, job) != 0)
        exit(1);
    waitgroup_wait(&job->wg);
    int value = job->result;
    free(job);
    return value;
}

static void *rounds(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        input = i;
        result += on_the_stack() + on_the_heap();
    }
    return unused;
}

int main(void)
{
    for (int i = 0; i < 2; i++)
        thread_join(thread_start(rounds));
    return result == 4 * (ROUNDS * (ROUNDS - 1) / 2) ? done() : 1;
}
