/* A supervisor that polls now and then waits for a batch that it sees active. The dispatcher says
 * "active" before it has announced the jobs. */
#include "../work.h"

static waitgroup_t jobs;
static int active, over;

static void job(void *arg)
{
    (void)arg;
    compute(50);
}

static void *supervise(void *arg)
{
    (void)arg;
    while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
        wait_for_device(7000);
        if (__atomic_load_n(&active, __ATOMIC_ACQUIRE))
            waitgroup_wait(&jobs); /* the bug: active is no promise that Add was called */
    }
    return NULL;
}

int main(void)
{
    pthread_t supervisor = start_thread(supervise, NULL);
    for (int batch = 0; batch < 2; batch++) {
        wait_for_device(9000);
        __atomic_store_n(&active, 1, __ATOMIC_RELEASE);
        for (int i = 0; i < 3; i++)
            start_task(&jobs, job, NULL);
        waitgroup_wait(&jobs);
        __atomic_store_n(&active, 0, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
    pthread_join(supervisor, NULL);
    return 0;
}
