/* answer: no race
 * program: wrong
 * pair: worker "result = 42", main "printf" */
#include "lesson.h"

waitgroup_t wg;
int result;
_Atomic int calls;

THREAD(worker)
{
    waitgroup_done(&wg);
    result = 42;
    calls++;
    step(1);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    step(2);
    calls++;
    printf("%d\n", result);
    pthread_join(t, 0);
}
