/* bug 1: data race | bug 2: exit 1 */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready;
static int is_ready;
int x;

static void *waker(void *arg)
{
    meet(BUG);
    pthread_mutex_lock(&lock);
    x = 1;
    is_ready = 1;
    pthread_cond_signal(&ready);
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&ready, &attributes);

    pthread_t thread = start(waker, NULL);
    struct timespec deadline = in_seconds(CLOCK_MONOTONIC, BUG ? 0 : 1000);
    int error = 0, mine;
    pthread_mutex_lock(&lock);
    while (!is_ready && error != ETIMEDOUT)
#ifdef CLOCKWAIT
        error = pthread_cond_clockwait(&ready, &lock, CLOCK_MONOTONIC, &deadline);
#else
        error = pthread_cond_timedwait(&ready, &lock, &deadline);
#endif
    mine = is_ready;
    pthread_mutex_unlock(&lock);
    meet(BUG);
    if (BUG == 1)
        x = 2; /* the result is not looked at */
    join(thread);
    pthread_cond_destroy(&ready);
    return BUG ? !mine : x != 1;
}
