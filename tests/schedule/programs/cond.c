/* bug 1: deadlock | bug 2: deadlock | bug 3: data race */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;
int x;

static void *waiter(void *arg)
{
    pthread_mutex_lock(&lock);
#if BUG == 1
    pthread_cond_wait(&ready, &lock); /* whether it is ready is not asked */
#else
    while (!is_ready)
        pthread_cond_wait(&ready, &lock);
#endif
    x++;
    pthread_mutex_unlock(&lock);
    return arg;
}

static void *waker(void *arg)
{
    if (BUG == 3)
        x = 1;
    pthread_mutex_lock(&lock);
    is_ready = 1;
#if BUG == 2
    pthread_cond_signal(&ready); /* two wait */
#else
    pthread_cond_broadcast(&ready);
#endif
    pthread_mutex_unlock(&lock);
    if (BUG == 3)
        x = 2;
    return arg;
}

int main(void)
{
    if (BUG == 1 && led)
        waker(NULL);
    pthread_t one = start(waiter, NULL), two = start(waiter, NULL);
    if (BUG == 2)
        nap_if_led(); /* both wait */
    if (BUG != 1 || !led)
        waker(NULL);
    join(one);
    join(two);
    return BUG ? 0 : x != 2;
}
