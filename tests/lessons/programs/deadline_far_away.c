/* expect: no race */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <waitgroup.h>

waitgroup_t wg;
int result;

static void *worker(void *unused)
{
    result = 42;
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    pthread_t thread;
    struct timespec in_an_hour, never = {LONG_MAX, 0};
    clock_gettime(CLOCK_REALTIME, &in_an_hour);
    in_an_hour.tv_sec += 3600;
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, worker, NULL);
    /* Both may pass: a lesson has no time. */
    if (waitgroup_clockwait(&wg, CLOCK_REALTIME, &in_an_hour) != 0 &&
        waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &never) != 0)
        printf("%d\n", result);
    pthread_join(thread, NULL);
}
