/* question: is a look that cannot block allowed with a lock held, also if such waits are reported? | rule: deadline | mirrors: none, Go has no deadline | expect: no race | options: report_locks_held=1 */
#include "scenario.h"

waitgroup_t wg;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *unused)
{
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    const struct timespec past = {0, 0};
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    for (int is_over = 0; !is_over;) {
        pthread_mutex_lock(&mutex);
        is_over = waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &past) == 0;
        pthread_mutex_unlock(&mutex);
    }
    thread_join(thread);
    return done();
}
