/* bug 1: data race */
#include "../program.h"

enum { THREADS = 300 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t threads[THREADS];
int x;

static void *count(void *arg)
{
    pthread_mutex_lock(&lock);
#if BUG
    pthread_mutex_unlock(&lock);
    x++;
#else
    x++;
    pthread_mutex_unlock(&lock);
#endif
    return arg;
}

int main(void)
{
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(count, NULL);
    for (int i = 0; i < THREADS; i++)
        join(threads[i]);
    return BUG ? 0 : x != THREADS;
}
