/* question: does a worker that counts itself down twice panic? | rule: balance | mirrors: - | expect: sync: negative WaitGroup counter */
#include "scenario.h"

waitgroup_t wg;

static void *worker(void *unused)
{
    waitgroup_done(&wg);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    thread_join(thread);
    return done();
}
