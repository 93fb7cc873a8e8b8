/* question: The worker is done with a. The courier waits for a and is done with b. The owner waits for
 *     b only. May it read what the worker wrote?
 * answer: no race
 * why: Happens before is transitive: the worker's write is in the past of the courier, and the courier
 *     hands its whole past on.
 * place: the Go memory model, "Memory model": happens before is the transitive closure of program
 *     order and synchronization
 * sibling: done_orders_wait, 16 lines
 * pair: worker "result = 42", main "printf" */
#include "lesson.h"

waitgroup_t a, b;
int result;

THREAD(worker)
{
    result = 42;
    waitgroup_done(&a);
    return 0;
}

THREAD(courier)
{
    waitgroup_wait(&a);
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
