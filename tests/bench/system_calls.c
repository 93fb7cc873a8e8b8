/* Run under strace by system_calls.sh: the calls of the main thread between two marks are those of the
 * library. A mark is a write() to descriptor -1, which fails. */
#include <waitgroup.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAITERS = 5 };

static waitgroup_t group, finished;

static void mark(const char *text)
{
    if (write(-1, text, strlen(text)) >= 0)
        abort();
}

static void *waiter(void *unused)
{
    (void)unused;
    waitgroup_wait(&group);
    waitgroup_done(&finished);
    return NULL;
}

int main(void)
{
    mark("nobody waits");
    for (int i = 0; i < 1000; i++) {
        waitgroup_add(&group, 3);
        waitgroup_add(&group, -2);
        waitgroup_done(&group);
        waitgroup_wait(&group);
    }
    mark("end");

    waitgroup_add(&group, 2);
    waitgroup_add(&finished, WAITERS);
    for (int i = 0; i < WAITERS; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, waiter, NULL) != 0 || pthread_detach(thread) != 0)
            return 1;
    }
    /* Until all are enlisted (bits 31..0 of the word). */
    while ((uint32_t)__atomic_load_n(&group.state, __ATOMIC_RELAXED) != WAITERS)
        usleep(1000);

    mark("not the last done");
    waitgroup_done(&group);
    mark("end");
    mark("the last done");
    waitgroup_done(&group);
    mark("end");
    waitgroup_wait(&finished);
    return 0;
}
