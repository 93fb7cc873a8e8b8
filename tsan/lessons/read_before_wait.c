/* answer: data race
 * sibling: done_orders_wait, 1 line
 * pair: main "printf", worker "result = 42" */
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
    printf("%d\n", result);
    waitgroup_wait(&wg);
    pthread_join(t, 0);
}
