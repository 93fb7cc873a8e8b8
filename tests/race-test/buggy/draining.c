/* A server that shuts down: it stops to accept, then waits for the requests under way. The acceptor
 * asks under the lock whether it may go on, and announces the request outside of it. */
#include "../work.h"

static waitgroup_t requests;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int draining;
int accepted;

static void serve(void *arg)
{
    (void)arg;
    compute(100);
}

static void *accept_requests(void *arg)
{
    for (int i = 0; i < 5; i++) {
        wait_for_device(4000);
        pthread_mutex_lock(&lock);
        int stop = draining;
        pthread_mutex_unlock(&lock);
        if (stop)
            break;
        start_task(&requests, serve, NULL); /* the bug: the answer may be old by now */
        pthread_mutex_lock(&lock);
        accepted++;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

int main(void)
{
    pthread_t acceptor = start_thread(accept_requests, NULL);
    wait_for_device(15000);
    pthread_mutex_lock(&lock);
    draining = 1;
    pthread_mutex_unlock(&lock);
    waitgroup_wait(&requests);
    pthread_join(acceptor, NULL);
    waitgroup_wait(&requests);
    return 0;
}
