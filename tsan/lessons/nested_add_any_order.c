/* answers: no race */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(child)
{
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

THREAD(worker)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, child, 0);
    pthread_detach(t);
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
