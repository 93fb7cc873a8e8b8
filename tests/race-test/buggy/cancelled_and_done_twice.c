/* A job that is cancelled is counted down by the canceller; a job that has finished, by itself. Both
 * ask first, but the job writes its log between the question and the answer. */
#include "../work.h"

static waitgroup_t jobs;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
int logged;

static struct job {
    int cancelled, finished;
} all[4];

static void *work(void *arg)
{
    struct job *job = arg;
    wait_for_device(800);
    if (__atomic_load_n(&job->cancelled, __ATOMIC_ACQUIRE))
        return NULL;
    pthread_mutex_lock(&log_lock);
    logged++;
    pthread_mutex_unlock(&log_lock);
    __atomic_store_n(&job->finished, 1, __ATOMIC_RELEASE); /* the bug: not one step with the question */
    waitgroup_done(&jobs);
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    waitgroup_add(&jobs, 4);
    for (int i = 0; i < 4; i++)
        threads[i] = start_thread(work, &all[i]);
    wait_for_device(2500);
    for (int i = 0; i < 4; i++)
        if (!__atomic_load_n(&all[i].finished, __ATOMIC_ACQUIRE)) {
            __atomic_store_n(&all[i].cancelled, 1, __ATOMIC_RELEASE);
            waitgroup_done(&jobs);
        }
    waitgroup_wait(&jobs);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    wait_for_device(10000);
    return 0;
}
