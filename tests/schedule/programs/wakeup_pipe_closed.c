/* bug 1: data race, signal 13 */
#include "../program.h"
#include <waitgroup.h>

/* The resolver wakes an event loop, which no longer cares once the wait is over. */
static struct {
    waitgroup_t group;
    int pipe[2], address;
} resolver;

static void *resolve(void *arg)
{
    resolver.address = 127;
#if BUG
    waitgroup_done(&resolver.group);
    (void)!write(resolver.pipe[1], "x", 1);
#else
    (void)!write(resolver.pipe[1], "x", 1);
    waitgroup_done(&resolver.group);
#endif
    return arg;
}

int main(void)
{
    if (pipe(resolver.pipe) != 0)
        return 1;
    waitgroup_add(&resolver.group, 1);
    pthread_t thread = start(resolve, NULL);
    waitgroup_wait(&resolver.group);
    close(resolver.pipe[0]);
    close(resolver.pipe[1]);
    join(thread);
    return resolver.address != 127;
}
