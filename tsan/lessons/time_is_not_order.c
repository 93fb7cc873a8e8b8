/* question: The worker writes after done, which is wrong; but both threads also count lines of a log
 *     under a mutex. This time the owner came first. Is the race reported?
 * answer: data race
 * any order: no race, data race
 * why: The mutex orders in one direction only, that in which it was locked. Had the worker come first,
 *     its unlock would have handed the write over, and the same program would show no race.
 * place: the Go memory model, "Locks": call n of Unlock synchronizes before call m of Lock returns, n
 *     < m
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
