/* question: The owner waits, then uses the group for a second round. A watcher waits too, perhaps
 *     still for the first round. What can happen?
 * answers: no race, WaitGroup misuse, panic: sync: WaitGroup is reused before previous Wait has
 *     returned
 * why: The first Add of a new round must happen after every Wait of the round before has returned. The
 *     owner knows that its own has; nothing tells it of the watcher's.
 * place: package sync, WaitGroup.Add: "new Add calls must happen after all previous Wait calls have
 *     returned"
 * sibling: every_waiter, 12 lines */
#include "lesson.h"

waitgroup_t wg;

THREAD(worker)
{
    waitgroup_done(&wg);
    return 0;
}

THREAD(watcher)
{
    waitgroup_wait(&wg);
    return 0;
}

int main(void)
{
    pthread_t t, u;
    waitgroup_add(&wg, 1);
    pthread_create(&u, 0, watcher, 0);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    waitgroup_add(&wg, 1);
    pthread_join(t, 0);
    waitgroup_done(&wg);
    waitgroup_wait(&wg);
    pthread_join(u, 0);
}
