/* question: The worker writes after done, which is wrong. But both threads also count their calls with
 *     one sequentially consistent atomic. Is the race reported?
 * answer: no race
 * why: The counter happens to order the two, in this order of calls. The program is still wrong. This
 *     is why the library hides its own atomics: visible, they would hide its users' races in the same
 *     way.
 * place: the Go memory model, "Atomic Values": atomics behave as if sequentially consistent, and
 *     synchronize
 * sibling: write_after_done, 6 lines
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
