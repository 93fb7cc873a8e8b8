/* answer: data race
 * sibling: condition_hands_over, 1 line
 * pair: main "printf", worker "result = 42" */
#include "lesson.h"

waitgroup_t wg;
int started, result;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

THREAD(worker)
{
    pthread_mutex_lock(&mutex);
    started = 1;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    result = 42;
    waitgroup_done(&wg);
    return 0;
}

int main(void)
{
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, 0, worker, 0);
    pthread_mutex_lock(&mutex);
    while (!started)
        pthread_cond_wait(&cond, &mutex);
    pthread_mutex_unlock(&mutex);
    printf("%d\n", result);
    waitgroup_wait(&wg);
    pthread_join(t, 0);
}
