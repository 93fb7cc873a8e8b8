/* bug 1: data race | bug 2: unlock of an unlocked mutex | bug 3: deadlock, lock-order-inversion */
#include "../program.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *count(void *other)
{
    pthread_mutex_t *first = BUG == 3 && other ? &b : &a, *second = first == &a ? &b : &a;
    pthread_mutex_lock(first);
    meet(BUG == 3);
    pthread_mutex_lock(second);
#if BUG == 1
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
    x++;
#else
    x++;
    pthread_mutex_unlock(second);
    pthread_mutex_unlock(first);
#endif
    return NULL;
}

int main(void)
{
    pthread_t thread = start(count, &x);
    count(NULL);
    join(thread);
#if BUG == 2
    pthread_mutex_unlock(&a);
#endif
    return x != 2;
}
