/* bug 1: data race | bug 2: deadlock */
#include "../program.h"

static int fds[2];
int x, seen;

static void *writer(void *arg)
{
#if BUG == 1
    (void)!write(fds[1], "x", 1);
    x = 1;
#else
    x = 1;
    if (BUG != 2)
        (void)!write(fds[1], "x", 1);
#endif
    return arg;
}

int main(void)
{
    char byte;
    if (pipe(fds) != 0)
        return 1;
    pthread_t thread = start(writer, NULL);
    if (read(fds[0], &byte, 1) != 1)
        return 1;
    seen = x;
    join(thread);
    close(fds[0]);
    close(fds[1]);
    return BUG ? 0 : seen != 1;
}
