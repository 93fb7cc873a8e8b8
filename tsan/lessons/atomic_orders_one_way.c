/* answer: data race
 * sibling: atomic_hides_race, time
 * pair: main "printf", worker "result = 42" */
#include "lesson.h"

waitgroup_t wg;
int result;
_Atomic int calls;

THREAD(worker)
{
    waitgroup_done(&wg);
    step(2);
    result = 42;
    calls++;
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    calls++;
    printf("%d\n", result);
    step(1);
    pthread_join(t, 0);
}
