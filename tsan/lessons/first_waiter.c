/* answer: no race
 * strict: WaitGroup misuse
 * program: wrong
 * sibling: every_waiter, 1 line
 * pair: main "waitgroup_add", watcher "waitgroup_wait" */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    until_blocked(2);
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

THREAD(watcher)
{
    until_blocked(1);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    return 0;
}

int main(void)
{
    pthread_t t, u;
    pthread_create(&u, 0, watcher, 0);
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    pthread_join(t, 0);
    pthread_join(u, 0);
}
