/* expect: data race | beyond the detector: free */
#include <pthread.h>
#include <stdlib.h>
#include <waitgroup.h>

waitgroup_t wg;
int *shared;

static void *worker(void *unused)
{
    waitgroup_done(&wg);
    *shared = 2;
    return unused;
}

int main(void)
{
    pthread_t thread;
    shared = malloc(sizeof *shared);
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, worker, NULL);
    waitgroup_wait(&wg);
    free(shared);
    pthread_join(thread, NULL);
}
