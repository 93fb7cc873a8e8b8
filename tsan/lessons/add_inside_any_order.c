/* answers: no race, WaitGroup misuse, data race
 * sibling: add_inside_thread, time */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    waitgroup_add(&wg, 1);
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
