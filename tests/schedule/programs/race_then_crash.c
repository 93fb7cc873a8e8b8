/* bug 1: data race, crash */
#include "../program.h"

static int *volatile nowhere;
int x;

static void *work(void *arg)
{
    x = 1;
    return arg;
}

int main(void)
{
    pthread_t thread = start(work, NULL);
#if BUG
    x = 2;
#endif
    join(thread);
    if (BUG)
        *nowhere = 1;
    return 0;
}
