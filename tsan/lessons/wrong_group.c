/* question: The worker is done with a. Later the courier is done with b, and the owner waits for b.
 *     May it read what the worker wrote?
 * answer: data race
 * why: A wait learns from the dones of its own group, however much earlier those of another were.
 *     Without the courier's wait for a, no path leads out of it.
 * place: package sync, WaitGroup: each group synchronizes its own Done and Wait
 * sibling: transitive, 3 lines
 * pair: worker "result = 42", main "printf" */
#include "lesson.h"

waitgroup_t a, b;
int result;

THREAD(worker)
{
    result = 42;
    waitgroup_done(&a);
    step(1);
    return 0;
}

THREAD(courier)
{
    step(2);
    waitgroup_done(&b);
    return 0;
}

int main(void)
{
    pthread_t t, u;
    waitgroup_add(&a, 1);
    waitgroup_add(&b, 1);
    pthread_create(&t, 0, worker, 0);
    pthread_create(&u, 0, courier, 0);
    waitgroup_wait(&b);
    printf("%d\n", result);
    pthread_join(t, 0);
    pthread_join(u, 0);
}
