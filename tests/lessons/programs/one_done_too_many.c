/* expect: panic: sync: negative WaitGroup counter */
#include <pthread.h>
#include <waitgroup.h>

static void *worker(void *wg)
{
    waitgroup_done(wg);
    return NULL;
}

int main(void)
{
    static waitgroup_t wg;
    pthread_t a, b;
    waitgroup_add(&wg, 1);
    pthread_create(&a, NULL, worker, &wg);
    pthread_create(&b, NULL, worker, &wg);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
}
