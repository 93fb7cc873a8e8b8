/* answer: WaitGroup misuse
 * sibling: done_orders_wait, 1 line
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
