/* answer: data race
 * sibling: deadline_met, 1 line
 * pair: worker "result = 42", main "printf" */
#include "lesson.h"

waitgroup_t wg;
int result;
const struct timespec now = {0, 0};

THREAD(worker)
{
    result = 42;
    waitgroup_done(&wg);
    step(1);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 2);
    pthread_create(&t, 0, worker, 0);
    step(2);
    if (waitgroup_clockwait(&wg, CLOCK_REALTIME, &now) != 0)
        printf("late\n");
    printf("%d\n", result);
    waitgroup_done(&wg);
    pthread_join(t, 0);
}
