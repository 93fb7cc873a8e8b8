/* bug 1: data race | bug 2: deadlock */
#include "../program.h"

static pthread_spinlock_t lock;
int x;

static void *count(void *arg)
{
    if (pthread_spin_trylock(&lock) != 0)
        pthread_spin_lock(&lock);
#if BUG == 1
    pthread_spin_unlock(&lock);
    x++;
#elif BUG == 2
    x++;
#else
    x++;
    pthread_spin_unlock(&lock);
#endif
    return arg;
}

int main(void)
{
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    beside(count);
    pthread_spin_destroy(&lock);
    return x != 2;
}
