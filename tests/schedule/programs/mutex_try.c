/* bug 1: data race | bug 2: exit 1 */
#include "../program.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *holder(void *arg)
{
    pthread_mutex_lock(&lock);
    meet(BUG);
    x++;
    meet(BUG);
    pthread_mutex_unlock(&lock);
    return arg;
}

static void *trier(void *arg)
{
    meet(BUG);
    while (pthread_mutex_trylock(&lock) != 0) {
#if BUG
        if (BUG == 1)
            x++;
        meet(BUG);
        return arg;
#endif
    }
    x++;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t thread = start(holder, NULL);
    trier(NULL);
    join(thread);
    return x != 2;
}
