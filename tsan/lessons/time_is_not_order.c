/* answer: data race
 * any order: no race, data race
 * sibling: write_after_done, 10 lines
 * pair: main "printf", worker "result = 42" */
#include "lesson.h"

waitgroup_t wg;
int result, lines;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

THREAD(worker)
{
    waitgroup_done(&wg);
    step(2);
    result = 42;
    pthread_mutex_lock(&mutex);
    lines++;
    pthread_mutex_unlock(&mutex);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, worker, 0);
    waitgroup_wait(&wg);
    pthread_mutex_lock(&mutex);
    lines++;
    pthread_mutex_unlock(&mutex);
    printf("%d\n", result);
    step(1);
    pthread_join(t, 0);
}
