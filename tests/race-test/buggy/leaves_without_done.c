/* As many workers as packets. A worker that is through with its packet takes one more if there is
 * one; a worker that finds the queue empty leaves, and forgets to count itself down. */
#include "../work.h"

enum { WORKERS = 3 };
static waitgroup_t workers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int packets = WORKERS;

static int take(void)
{
    pthread_mutex_lock(&lock);
    int taken = packets > 0 ? packets-- : 0;
    pthread_mutex_unlock(&lock);
    return taken;
}

static void *work(void *arg)
{
    (void)arg;
    int packet = take();
    if (!packet)
        return NULL; /* the bug: no Done on this way out */
    for (; packet; packet = take())
        wait_for_device(1500);
    waitgroup_done(&workers);
    return NULL;
}

int main(void)
{
    pthread_t threads[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        waitgroup_add(&workers, 1);
        threads[i] = start_thread(work, NULL);
    }
    waitgroup_wait(&workers);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    wait_for_device(10000);
    return 0;
}
