/* question: may a task add while it is itself counted and a wait blocks? | rule: any time | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
int result;

static void *child(void *unused)
{
    result++;
    waitgroup_done(&wg);
    return unused;
}

static void *worker(void *unused)
{
    until_blocked(&wg, 1);
    result = 41;
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(child);
    waitgroup_done(&wg);
    thread_join(thread);
    return unused;
}

int main(void)
{
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
