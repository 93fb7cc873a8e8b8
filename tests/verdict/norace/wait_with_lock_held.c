/* question: is a wait told of that holds the lock which a worker needs before its done? | rule: balance | mirrors: - | expect: no race | options: stall_after=0.1 | prints: waitgroup: a Wait has been blocked for */
#include "scenario.h"

#include <errno.h>

waitgroup_t wg;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
int result;

static void *worker(void *unused)
{
    pthread_mutex_lock(&mutex);
    result = 42;
    pthread_mutex_unlock(&mutex);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    waitgroup_add(&wg, 1);
    pthread_mutex_lock(&mutex);
    pthread_t thread = thread_start(worker);
    const struct timespec deadline = deadline_soon();
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline) != ETIMEDOUT)
        return 1;
    pthread_mutex_unlock(&mutex);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
