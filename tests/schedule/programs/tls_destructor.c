/* bug 1: data race | bug 2: deadlock */
#include "../program.h"

static pthread_key_t key;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void destroy(void *value)
{
    (void)value;
#if BUG != 1
    pthread_mutex_lock(&lock);
#endif
    x++;
#if BUG != 1
    pthread_mutex_unlock(&lock);
#endif
}

static void *work(void *arg)
{
    pthread_setspecific(key, &x);
#if BUG == 2
    pthread_mutex_lock(&lock); /* and ends with it */
#endif
    return arg;
}

int main(void)
{
    pthread_key_create(&key, destroy);
    pthread_t one = start(work, NULL), two = start(work, NULL);
    join(one);
    join(two);
    return BUG ? 0 : x != 2;
}
