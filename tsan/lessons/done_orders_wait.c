/* question: The worker writes, then calls done. The owner waits, then reads. Is the read safe?
 * answer: no race
 * why: Done synchronizes before the return of every Wait that it unblocks: what the worker did before
 *     done is in the past of the read.
 * place: package sync, WaitGroup.Done; the Go memory model, "Synchronization"
 * sibling: write_after_done, 2 lines
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
    waitgroup_wait(&wg);
    printf("%d\n", result);
    pthread_join(t, 0);
}
