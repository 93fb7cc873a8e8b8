/* question: A task announces and starts another task, then calls done for itself. Its add is unordered
 *     with the wait. What can happen?
 * answers: no race
 * why: An add while the counter is above zero is allowed at any time, and the task's own count keeps
 *     it there until after the add. So the rule holds in every order.
 * place: package sync, WaitGroup.Add: "calls with a positive delta that start when the counter is
 *     greater than zero may happen at any time"
 * sibling: done_orders_wait, 12 lines */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(child)
{
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

THREAD(worker)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, child, 0);
    pthread_detach(t);
    waitgroup_done(&wg);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
