/* answers: no race, WaitGroup misuse, data race
 * pair: request "waitgroup_add", main "waitgroup_wait" */
#include "lesson.h"

waitgroup_t requests;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
int closed, served;

THREAD(request)
{
    pthread_mutex_lock(&mutex);
    int open = !closed;
    pthread_mutex_unlock(&mutex);
    if (open)
        waitgroup_add(&requests, 1);
    if (!open)
        return 0;
    served = 1;
    waitgroup_done(&requests);
    return 0;
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, request, 0);
    pthread_mutex_lock(&mutex);
    closed = 1;
    pthread_mutex_unlock(&mutex);
    waitgroup_wait(&requests);
    printf("%d\n", served);
    pthread_join(t, 0);
}
