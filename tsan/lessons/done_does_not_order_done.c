/* answer: data race
 * pair: first "total = 1", second "printf" */
#include "lesson.h"

waitgroup_t wg;
int total;

THREAD(first)
{
    total = 1;
    waitgroup_done(&wg);
    step(1);
    return 0;
}

THREAD(second)
{
    step(2);
    waitgroup_done(&wg);
    printf("%d\n", total);
    return 0;
}

int main(void)
{
    pthread_t t, u;
    waitgroup_add(&wg, 2);
    pthread_create(&t, 0, first, 0);
    pthread_create(&u, 0, second, 0);
    waitgroup_wait(&wg);
    pthread_join(t, 0);
    pthread_join(u, 0);
}
