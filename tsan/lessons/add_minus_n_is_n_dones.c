/* question: Two tasks were announced; one worker does both and calls add with -2. Is the read after
 *     wait safe?
 * answer: no race
 * why: A negative delta is so many dones at once, and releases as each of them would.
 * place: package sync, WaitGroup.Add and WaitGroup.Done: Done is Add(-1)
 * sibling: done_orders_wait, 2 lines
 * pair: worker "result = 42", main "printf" */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    result = 42;
    waitgroup_add(&wg, -2);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 2);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
