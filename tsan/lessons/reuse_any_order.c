/* answers: no race, WaitGroup misuse, panic: sync: WaitGroup is reused before previous Wait has returned
 * sibling: round_after_round_any_order, 1 line */
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
