/* bug 1: data race */
#include "../program.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
int x, seen;

static void *writer(void *arg)
{
    while (pthread_rwlock_trywrlock(&lock) != 0)
        sched_yield();
    x++;
    pthread_rwlock_unlock(&lock);
    struct timespec late = in_seconds(CLOCK_REALTIME, 100);
    while (pthread_rwlock_timedwrlock(&lock, &late) != 0)
        late = in_seconds(CLOCK_REALTIME, 100);
    x++;
    pthread_rwlock_unlock(&lock);
    return arg;
}

static void *reader(void *arg)
{
    while (pthread_rwlock_tryrdlock(&lock) != 0)
        ;
    seen = x;
    pthread_rwlock_unlock(&lock);
    struct timespec late = in_seconds(CLOCK_REALTIME, 100);
    if (pthread_rwlock_timedrdlock(&lock, &late) == 0) {
        seen = x;
        pthread_rwlock_unlock(&lock);
    }
#if BUG
    seen = x;
#endif
    return arg;
}

int main(void)
{
    pthread_t thread = start(reader, NULL);
    writer(NULL);
    join(thread);
    return x != 2;
}
