/* question: is a waitgroup_go from a thread seen to conflict with a wait that blocks? | rule: add | mirrors: - | expect: WaitGroup misuse in waitgroup_go, waitgroup_wait */
#include "scenario.h"

waitgroup_t wg;
moment_t added;

static void task(void *unused)
{
    (void)unused;
    until_blocked(&wg, 1);
}

static void *starter(void *unused)
{
    if (waitgroup_go(&wg, task, NULL) != 0)
        exit(1);
    moment_pass(&added);
    return unused;
}

int main(void)
{
    moment_init(&added, 2);
    pthread_t thread = thread_start(starter);
    moment_pass(&added);
    waitgroup_wait(&wg);
    thread_join(thread);
    return done();
}
