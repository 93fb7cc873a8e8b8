/* expect: no race */
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
    const struct timespec past = {0, 0};
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, worker, NULL);
    if (waitgroup_clockwait(&wg, CLOCK_REALTIME, &past) == 0)
        printf("%d\n", result);
    pthread_join(thread, NULL);
}
