/* question: is an add inside the thread that it counts seen to conflict with a wait that blocks? | rule: add | mirrors: RaceWaitGroupWrongAdd | expect: WaitGroup misuse in waitgroup_add, waitgroup_wait */
#include "scenario.h"

#include <errno.h>

waitgroup_t wg;
moment_t added;

static void *worker(void *unused)
{
    errno = 77;
    waitgroup_add(&wg, 1);
    if (errno != 77) /* the report is printed inside the call */
        exit(1);
    moment_pass(&added);
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&added, 2);
    pthread_t thread = thread_start(worker);
    moment_pass(&added);
    errno = 77;
    waitgroup_wait(&wg);
    if (errno != 77)
        return 1;
    thread_join(thread);
    return done();
}
