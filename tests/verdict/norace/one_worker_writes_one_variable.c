/* question: and with one worker? | rule: order | mirrors: NoRaceWaitGroup | expect: no race */
#include "scenario.h"

enum { WORKERS = 1 };

waitgroup_t wg;
moment_t written;
int result;

static void *worker(void *unused)
{
    result = 42;
    moment_pass(&written);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    pthread_t threads[WORKERS];
    moment_init(&written, 2);
    for (int i = 0; i < WORKERS; i++) {
        waitgroup_add(&wg, 1);
        threads[i] = thread_start(worker);
        moment_pass(&written);
    }
    waitgroup_wait(&wg);
    for (int i = 0; i < WORKERS; i++)
        thread_join(threads[i]);
    return done();
}
