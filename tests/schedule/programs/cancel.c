/* bug 1: deadlock | bug 2: data race */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
int x;

static void unlock(void *arg)
{
    (void)arg;
    x++;
    pthread_mutex_unlock(&lock);
}

static void *work(void *arg)
{
    pthread_mutex_lock(&lock);
#if BUG == 1
    for (;;)
        pthread_cond_wait(&never, &lock); /* leaves with the lock held */
#else
    pthread_cleanup_push(unlock, NULL);
    for (;;)
        pthread_cond_wait(&never, &lock);
    pthread_cleanup_pop(1);
#endif
    return arg;
}

int main(void)
{
    void *result;
    pthread_t thread = start(work, NULL);
    pthread_cancel(thread);
#if BUG == 2
    x++;
#endif
    pthread_join(thread, &result);
    pthread_mutex_lock(&lock);
    x++;
    pthread_mutex_unlock(&lock);
    return result != PTHREAD_CANCELED || (!BUG && x != 2);
}
