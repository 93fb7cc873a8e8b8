/* bug 1: data race, unlock of an unlocked mutex | plain: never ends, when main calls pthread_exit */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *work(void *arg)
{
#if !BUG
    pthread_mutex_lock(&lock);
#endif
    x++;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_detach(start(work, NULL));
    pthread_mutex_lock(&lock);
    x++;
    pthread_mutex_unlock(&lock);
    pthread_exit(NULL);
}
