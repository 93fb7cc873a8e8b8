/* bug 1: abort */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int x;

static void *increment(void *arg)
{
    pthread_mutex_lock(&lock);
    int seen = x;
#if BUG
    pthread_mutex_unlock(&lock);
    meet(1);
    pthread_mutex_lock(&lock);
#endif
    x = seen + 1;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    beside(increment);
    assert(x == 2);
    return 0;
}
