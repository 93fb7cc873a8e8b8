/* bug 1: data race | plain: gcc 12's runtime does not know pthread_mutex_clocklock */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *count(void *arg)
{
    struct timespec late = in_seconds(CLOCK_MONOTONIC, 100);
    while (pthread_mutex_clocklock(&lock, CLOCK_MONOTONIC, &late) != 0)
        late = in_seconds(CLOCK_MONOTONIC, 100);
#if BUG == 1
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
    beside(count);
    return x != 2;
}
