/* A monitor looks in from time to time and, if a round is under way, waits for its end to take the
 * time. Nothing keeps the next round from beginning before the monitor is back from its Wait. */
#include "../work.h"

static waitgroup_t round_;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int under_way, over;

static int look(const int *flag)
{
    pthread_mutex_lock(&lock);
    int value = *flag;
    pthread_mutex_unlock(&lock);
    return value;
}

static void set(int *flag, int value)
{
    pthread_mutex_lock(&lock);
    *flag = value;
    pthread_mutex_unlock(&lock);
}

static void part(void *arg)
{
    (void)arg;
    compute(100);
}

static void *monitor(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3 && !look(&over); i++) {
        wait_for_device(6000);
        if (look(&under_way))
            waitgroup_wait(&round_); /* the bug: the next Add does not wait for us */
    }
    return NULL;
}

int main(void)
{
    pthread_t thread = start_thread(monitor, NULL);
    for (int i = 0; i < 3; i++) {
        wait_for_device(8000);
        waitgroup_add(&round_, 1);
        set(&under_way, 1);
        start_task(&round_, part, NULL);
        waitgroup_done(&round_);
        waitgroup_wait(&round_);
        set(&under_way, 0);
    }
    set(&over, 1);
    pthread_join(thread, NULL);
    return 0;
}
