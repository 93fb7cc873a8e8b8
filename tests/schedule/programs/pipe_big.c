/* bug 1: deadlock */
#include "../program.h"

/* More than a pipe holds: the write blocks in its middle. */
enum { SIZE = 300000 };
static int fds[2];
static char out[SIZE], in[SIZE];

static void *writer(void *arg)
{
    ssize_t done = 0, n;
    while (done < SIZE && (n = write(fds[1], out + done, (size_t)(SIZE - done))) > 0)
        done += n;
    close(fds[1]);
    return arg;
}

int main(void)
{
    ssize_t got = 0, n;
    if (pipe(fds) != 0)
        return 1;
    out[SIZE - 1] = 'z';
#if BUG
    writer(NULL); /* nobody reads yet */
#else
    pthread_t thread = start(writer, NULL);
#endif
    while ((n = read(fds[0], in + got, (size_t)(SIZE - got))) > 0)
        got += n;
#if !BUG
    join(thread);
#endif
    return got != SIZE || in[SIZE - 1] != 'z';
}
