/* bug 1: deadlock, double lock of a mutex | bug 2: data race, unlock of an unlocked mutex */
#include "../program.h"

static pthread_mutex_t recursive, checked;
int x, y;

static void init(pthread_mutex_t *mutex, int kind)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, kind);
    pthread_mutex_init(mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static void *count(void *arg)
{
    pthread_mutex_lock(&recursive);
    pthread_mutex_lock(&recursive);
    x++;
    pthread_mutex_unlock(&recursive);
    x++;
    pthread_mutex_unlock(&recursive);

    pthread_mutex_lock(&checked);
    if (pthread_mutex_lock(&checked) != EDEADLK)
        abort();
#if BUG == 2
    pthread_mutex_unlock(&checked);
#endif
    y++;
    pthread_mutex_unlock(&checked);
    return arg;
}

int main(void)
{
    init(&recursive, BUG == 1 ? PTHREAD_MUTEX_NORMAL : PTHREAD_MUTEX_RECURSIVE);
    init(&checked, PTHREAD_MUTEX_ERRORCHECK);
    beside(count);
    pthread_mutex_destroy(&recursive);
    pthread_mutex_destroy(&checked);
    return x != 4 || y != 2;
}
