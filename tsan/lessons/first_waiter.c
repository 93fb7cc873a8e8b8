/* question: The watcher was started before the add, and nothing orders its wait after it. The owner's
 *     wait blocks first, then the watcher's. Is the mistake reported?
 * answer: no race
 * strict: WaitGroup misuse
 * why: The program is wrong, but Go's model, and so the default, has only the first waiter that blocks
 *     conflict with an add, and that one is ordered. With strict=1 every wait conflicts.
 * place: package sync, waitgroup.go: the first waiter alone is modelled as a write
 * sibling: every_waiter, 7 lines
 * pair: main "waitgroup_add", watcher "waitgroup_wait" */
#include "lesson.h"

waitgroup_t wg;

THREAD(worker)
{
    until_blocked(2);
    waitgroup_done(&wg);
    return 0;
}

THREAD(watcher)
{
    until_blocked(1);
    waitgroup_wait(&wg);
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
