/* bug 1: data race */
#include "../program.h"
#include <signal.h>

/* A thread for signals, as pbzip2 has one: it waits outside of what can be scheduled. */
static sigset_t set;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *signals(void *arg)
{
    int number;
    sigwait(&set, &number);
    if (number != SIGTERM)
        abort();
    pthread_mutex_lock(&lock);
    x++;
    pthread_mutex_unlock(&lock);
    return arg;
}

static void *work(void *arg)
{
    for (int i = 0; i < 10; i++) {
        pthread_mutex_lock(&lock);
        x++;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

int main(void)
{
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_t taker = start(signals, NULL), worker = start(work, NULL);
    join(worker);
#if BUG
    x++;
#endif
    pthread_kill(taker, SIGTERM);
    join(taker);
    return BUG ? 0 : x != 11;
}
