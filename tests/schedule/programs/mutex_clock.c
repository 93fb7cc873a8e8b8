/* bug 1: data race | plain: gcc 12's runtime does not know pthread_mutex_clocklock */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *count(void *arg)
{
    struct timespec late = in_seconds(CLOCK_MONOTONIC, 100);
    int error = pthread_mutex_clocklock(&lock, CLOCK_MONOTONIC, &late);
#if BUG == 1
    pthread_mutex_unlock(&lock);
    x++;
#else
    x++;
    pthread_mutex_unlock(&lock);
#endif
    return error ? NULL : arg;
}

int main(void)
{
    beside(count);
    return x != 2;
}
