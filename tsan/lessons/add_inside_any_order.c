/* question: The worker announces itself: its add stands inside the thread. What can happen?
 * answers: no race, WaitGroup misuse, data race
 * why: An Add that finds the counter at zero must happen before any Wait. Nothing orders the two here,
 *     so it depends on who comes first; and the worst order, in which the wait finds zero and does not
 *     wait, looks best.
 * place: package sync, WaitGroup.Add
 * sibling: add_inside_thread, 3 lines */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    waitgroup_add(&wg, 1);
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
