/* bug 1: data race */
#include "../program.h"

/* A loop on memory that is no atomic: the other must get its turn. */
static volatile int flag;
static int ready;

static void *setter(void *arg)
{
#if BUG
    flag = 1;
#else
    __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
#endif
    return arg;
}

int main(void)
{
    pthread_t thread = start(setter, NULL);
#if BUG
    while (!flag)
        ;
#else
    while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
        flag = flag;
#endif
    join(thread);
    return 0;
}
