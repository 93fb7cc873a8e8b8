/* answer: data race
 * pair: main "result = 42", watcher "printf" */
#include "lesson.h"

waitgroup_t wg;
int result;

THREAD(worker)
{
    waitgroup_done(&wg);
    return 0;
}

THREAD(watcher)
{
    waitgroup_wait(&wg);
    printf("%d\n", result);
    return 0;
}

int main(void)
{
    pthread_t t, u;
    waitgroup_add(&wg, 1);
    pthread_create(&u, 0, watcher, 0);
    pthread_create(&t, 0, worker, 0);
    result = 42;
    waitgroup_wait(&wg);
    pthread_join(t, 0);
    pthread_join(u, 0);
}
