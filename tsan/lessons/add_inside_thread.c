/* question: The worker announces itself: its add stands inside the thread. This time the add came
 *     first and the wait did wait. Is that fine?
 * answer: WaitGroup misuse
 * why: An Add that finds the counter at zero must happen before any Wait. That it came earlier is
 *     luck: no path orders the two, and next time the wait may find zero and not wait at all.
 * place: package sync, WaitGroup.Add: "calls with a positive delta that occur when the counter is zero
 *     must happen before a Wait"
 * sibling: done_orders_wait, 5 lines
 * pair: worker "waitgroup_add", main "waitgroup_wait" */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    waitgroup_add(&wg, 1);
    step(1);
    until_blocked(1);
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, worker, 0);
    step(2);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
