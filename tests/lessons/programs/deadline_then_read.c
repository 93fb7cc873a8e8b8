/* expect: no race, data race */
#include <pthread.h>
#include <stdio.h>
#include <waitgroup.h>

waitgroup_t wg;
int result;

static void *worker(void *unused)
{
    result = 1;
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    pthread_t thread;
    struct timespec second;
    clock_gettime(CLOCK_MONOTONIC, &second);
    second.tv_sec += 1;
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, worker, NULL);
    int error = waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &second);
    printf("%d %d\n", error, result);
    pthread_join(thread, NULL);
}
