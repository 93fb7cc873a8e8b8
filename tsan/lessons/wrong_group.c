/* answer: data race
 * sibling: transitive, 1 line
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
    until_zero(&a);
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
