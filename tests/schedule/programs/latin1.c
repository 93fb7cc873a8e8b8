/* bug 1: data race */
/* café: not every source is UTF-8 */
#include "../program.h"

int caf;

static void *work(void *arg)
{
    caf = 1; /* é */
    return arg;
}

int main(void)
{
    pthread_t thread = start(work, NULL);
#if BUG
    caf = 2; /* é */
#endif
    join(thread);
    return 0;
}
