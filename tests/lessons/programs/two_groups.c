/* expect: no race, WaitGroup misuse */
#include <pthread.h>
#include <waitgroup.h>

waitgroup_t started, finished;
int result;

static void *worker(void *unused)
{
    waitgroup_done(&started);
    waitgroup_add(&finished, 1);
    result = 1;
    waitgroup_done(&finished);
    return unused;
}

int main(void)
{
    pthread_t thread;
    waitgroup_add(&started, 1);
    pthread_create(&thread, NULL, worker, NULL);
    waitgroup_wait(&started);
    waitgroup_wait(&finished);
    pthread_join(thread, NULL);
    return result == 1 ? 0 : 1;
}
