/* question: may a request be counted at any time, if "closed?" and the add are one step of a lock that the closer takes? | rule: add | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t requests;
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int closed, served;
moment_t counted;

static void *request(void *unused)
{
    pthread_mutex_lock(&lock);
    const int too_late = closed;
    if (!too_late)
        waitgroup_add(&requests, 1);
    pthread_mutex_unlock(&lock);
    moment_pass(&counted);
    if (too_late)
        return unused;
    until_blocked(&requests, 1);
    served = 1;
    waitgroup_done(&requests);
    return unused;
}

static void *late_request(void *unused)
{
    pthread_mutex_lock(&lock);
    if (!closed)
        waitgroup_add(&requests, 1);
    else
        unused = &closed;
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void)
{
    moment_init(&counted, 2);
    pthread_t thread = thread_start(request);
    moment_pass(&counted);
    pthread_mutex_lock(&lock);
    closed = 1;
    pthread_mutex_unlock(&lock);
    pthread_t late = thread_start(late_request);
    waitgroup_wait(&requests);
    served++;
    thread_join(thread);
    thread_join(late);
    return done();
}
