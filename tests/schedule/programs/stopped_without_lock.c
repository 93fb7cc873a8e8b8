/* bug 1: deadlock */
#include "../program.h"
#include <waitgroup.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int stop, jobs = 4;
static waitgroup_t workers;

static void *serve(void *arg)
{
    pthread_mutex_lock(&lock);
    while (jobs > 0 || !__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        meet(BUG && jobs == 0);
        nap_if_led();
        if (jobs > 0)
            jobs--;
        else
            pthread_cond_wait(&work, &lock);
    }
    pthread_mutex_unlock(&lock);
    waitgroup_done(&workers);
    return arg;
}

int main(void)
{
    waitgroup_add(&workers, 1);
    pthread_t thread = start(serve, NULL);
    meet(BUG);
#if !BUG
    pthread_mutex_lock(&lock);
#endif
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
#if !BUG
    pthread_mutex_unlock(&lock);
#endif
    pthread_cond_broadcast(&work);
    waitgroup_wait(&workers);
    join(thread);
    return jobs != 0;
}
