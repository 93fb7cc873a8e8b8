/* question: The worker announces itself: its add stands inside the thread. What can happen?
 * answers: no race, data race, WaitGroup misuse
 * why: An Add that finds the counter at zero must happen before any Wait. Here nothing orders the two,
 *      so it depends on who comes first. */
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
