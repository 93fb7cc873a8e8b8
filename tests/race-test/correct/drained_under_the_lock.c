/* A server that shuts down: whether it drains is asked, and the request announced, under one lock; so
 * each Add is either before the drain, or does not happen. */
#include "../work.h"

static waitgroup_t requests;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int draining, served;

static void serve(void *arg)
{
    (void)arg;
    compute(100);
    pthread_mutex_lock(&lock);
    served++;
    pthread_mutex_unlock(&lock);
}

static void *accept_requests(void *arg)
{
    for (int i = 0; i < 12; i++) {
        pthread_mutex_lock(&lock);
        int stop = draining;
        if (!stop)
            start_task(&requests, serve, NULL);
        pthread_mutex_unlock(&lock);
        if (stop)
            break;
        wait_for_device(1500);
    }
    return arg;
}

int main(void)
{
    pthread_t acceptors[2] = {start_thread(accept_requests, NULL), start_thread(accept_requests, NULL)};
    wait_for_device(12000);
    pthread_mutex_lock(&lock);
    draining = 1;
    pthread_mutex_unlock(&lock);
    waitgroup_wait(&requests);
    int result = served;
    for (int i = 0; i < 2; i++)
        pthread_join(acceptors[i], NULL);
    return result < 0;
}
