/* answer: no race
 * sibling: time_is_not_order, 1 line
 * pair: worker "result = 42", main "printf" */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, worker, 0);
    until_zero(&wg);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
