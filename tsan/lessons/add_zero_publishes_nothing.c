/* answer: data race
 * sibling: add_publishes_nothing, 2 lines
 * pair: worker "result = 42", main "printf" */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    result = 42;
    waitgroup_add(&wg, 0);
    step(1);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 2);
    pthread_create(&t, 0, worker, 0);
    step(2);
    waitgroup_add(&wg, -2);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
