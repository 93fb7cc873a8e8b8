/* bug 1: data race | bug 2: deadlock | bug 3: exit 1 */
#include "../program.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
int x;

static int read_x(void)
{
    pthread_rwlock_rdlock(&lock);
    int seen = x;
    pthread_rwlock_unlock(&lock);
    return seen;
}

static void *count(void *arg)
{
#if BUG == 1
    pthread_rwlock_rdlock(&lock);
#elif BUG == 2
    pthread_rwlock_rdlock(&lock); /* both read, and each wants to write when the other reads no more */
    meet(1);
    pthread_rwlock_wrlock(&lock);
#elif BUG == 3
    int seen = read_x();
    meet(1);
    pthread_rwlock_wrlock(&lock);
    x = seen;
#else
    (void)read_x();
    pthread_rwlock_wrlock(&lock);
#endif
    x++;
    pthread_rwlock_unlock(&lock);
    return arg;
}

int main(void)
{
    pthread_t reader = start(count, NULL);
    count(NULL);
    join(reader);
    return BUG != 1 && read_x() != 2;
}
