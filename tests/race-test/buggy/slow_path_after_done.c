/* A task that took long leaves a note for the report; it does so after it has counted itself down. */
#include "../work.h"

static waitgroup_t tasks;
long long slowest;

static void *task(void *arg)
{
    long long begin = microseconds_now();
    wait_for_device(400);
    long long took = microseconds_now() - begin;
    waitgroup_done(&tasks);
    if (microseconds_now() - begin > took + 200)
        slowest = took; /* the bug: the report may be under way */
    return arg;
}

int main(void)
{
    pthread_t threads[3];
    waitgroup_add(&tasks, 3);
    for (int i = 0; i < 3; i++)
        threads[i] = start_thread(task, NULL);
    waitgroup_wait(&tasks);
    printf("slowest: %lld us\n", slowest);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    wait_for_device(10000);
    return 0;
}
