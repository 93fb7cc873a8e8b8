/* expect: deadlock */
#include <pthread.h>
#include <waitgroup.h>

static void *worker(void *wg)
{
    waitgroup_done(wg);
    return NULL;
}

int main(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t thread;
    waitgroup_add(&wg, 2);
    pthread_create(&thread, NULL, worker, &wg);
    waitgroup_wait(&wg);
    pthread_join(thread, NULL);
}
