/* question: is every one of several blocked waiters ordered after the done? | rule: order | mirrors: - | expect: no race */
#include "scenario.h"

enum { WAITERS = 4 };

waitgroup_t wg;
int result;
int seen[WAITERS];
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
int next;

static void *waiter(void *unused)
{
    pthread_mutex_lock(&mutex);
    int mine = next++;
    pthread_mutex_unlock(&mutex);
    waitgroup_wait(&wg);
    seen[mine] = result;
    return unused;
}

int main(void)
{
    pthread_t threads[WAITERS];
    waitgroup_add(&wg, 1);
    for (int i = 0; i < WAITERS; i++)
        threads[i] = thread_start(waiter);
    until_blocked(&wg, WAITERS);
    result = 42;
    waitgroup_done(&wg);
    for (int i = 0; i < WAITERS; i++)
        thread_join(threads[i]);
    return done();
}
