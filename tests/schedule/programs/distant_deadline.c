/* plain: for seconds no thread is held back | bug 1: exit 1 | bug 2: exit 1 */
#include "../program.h"

/* Somebody waits for five seconds; so long the one who works may be held back, in the middle of its work. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int begun, done;

static void set(int *what)
{
    pthread_mutex_lock(&lock);
    *what = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void *work(void *arg)
{
    set(&begun);
    set(&done);
    return arg;
}

int main(void)
{
    pthread_t thread = start(work, NULL);
#if BUG == 2
    sleep(5); /* as if so long a sleep were an order */
#endif
    const struct timespec deadline = in_seconds(CLOCK_REALTIME, 5);
    int error = 0;
    pthread_mutex_lock(&lock);
    while (!done && error == 0 && BUG != 2)
        error = pthread_cond_timedwait(&changed, &lock, &deadline);
    const int in_the_middle = begun && !done;
    pthread_mutex_unlock(&lock);
    join(thread);
    return BUG && in_the_middle;
}
