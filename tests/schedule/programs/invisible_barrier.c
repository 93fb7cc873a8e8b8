/* bug 1: data race */
#include "../program.h"

/* TSan's invisible barrier is one for the scheduler, too, without an edge for TSan. */
static unsigned long long barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int written;

static void *write_it(void *arg)
{
    pthread_mutex_lock(&lock);
    written = 1;
    pthread_mutex_unlock(&lock);
    __tsan_testonly_barrier_wait(&barrier);
    return arg;
}

int main(void)
{
    __tsan_testonly_barrier_init(&barrier, 2);
    pthread_t thread = start(write_it, NULL);
    __tsan_testonly_barrier_wait(&barrier);
    if (BUG == 0)
        pthread_mutex_lock(&lock);
    int seen = written;
    if (BUG == 0)
        pthread_mutex_unlock(&lock);
    join(thread);
    return seen != 1;
}
