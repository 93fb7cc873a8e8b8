/* bug 1: data race, abort */
#include "../program.h"

/* The end by a failed assertion is an act: the other thread may come before it. */
static int counted;

static void *count(void *arg)
{
    counted++;
    meet(BUG);
    return arg;
}

int main(void)
{
    pthread_t thread = start(count, NULL);
#if BUG
    meet(1);
    counted++;
    assert(counted == 7);
#endif
    join(thread);
    return counted != 1;
}
