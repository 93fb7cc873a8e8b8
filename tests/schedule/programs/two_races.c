/* bug 1: data race */
#include "../program.h"

int hits, misses;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *count(void *arg)
{
#if !BUG
    pthread_mutex_lock(&lock);
#endif
    hits++;
    misses++;
#if !BUG
    pthread_mutex_unlock(&lock);
#endif
    return arg;
}

int main(void)
{
    beside(count);
    return 0;
}
