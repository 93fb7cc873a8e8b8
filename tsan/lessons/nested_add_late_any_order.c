/* sibling: nested_add_any_order, 1 line
 * answers: no race, WaitGroup misuse, data race, panic: sync: WaitGroup is reused before previous Wait has
 * returned */
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
    waitgroup_done(&wg);
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, child, 0);
    pthread_detach(t);
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
