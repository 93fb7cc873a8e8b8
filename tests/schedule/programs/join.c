/* bug 1: data race | bug 2: data race, thread leak | bug 3: thread leak */
#include "../program.h"

int x;

static void *inner(void *arg)
{
    x++;
    return arg;
}

static void *outer(void *arg)
{
    pthread_t thread = start(inner, arg);
#if BUG == 1
    x++;
#endif
    join(thread);
    x++;
    pthread_exit(&x);
}

int main(void)
{
    void *result = NULL;
    pthread_t thread = start(outer, NULL);
#if BUG == 2
    pthread_detach(thread);
    return x;
#elif BUG == 3
    return 0;
#else
    if (pthread_join(thread, &result) != 0 || result != &x)
        return 1;
    return BUG ? 0 : x != 2;
#endif
}
