/* question: and with the add before the thread is started? | rule: add | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
moment_t added;

static void *worker(void *unused)
{
    moment_pass(&added);
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    moment_init(&added, 2);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    moment_pass(&added);
    waitgroup_wait(&wg);
    thread_join(thread);
    return done();
}
