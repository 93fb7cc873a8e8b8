/* expect: no race */
#include <pthread.h>
#include <waitgroup.h>

waitgroup_t wg;
int result;

static void *worker(void *unused)
{
    waitgroup_wait(&wg);
    result++;
    return unused;
}

int main(void)
{
    pthread_t thread;
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, worker, NULL);
    pthread_detach(thread);
    result++;
    waitgroup_done(&wg);
    pthread_exit(NULL);
}
