/* bug 1: deadlock */
#include "../program.h"
#include <signal.h>
#include <waitgroup.h>

/* The request to stop comes as a signal. Its handler waits for the workers, and may run in one of them. */
static waitgroup_t workers;
static int stop;

static void handler(int number)
{
    (void)number;
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    waitgroup_wait(&workers);
}

static void *work(void *arg)
{
    if (arg) {
        if (BUG)
            pthread_kill(pthread_self(), SIGTERM); /* where the kernel happens to deliver it */
        else
            kill(getpid(), SIGTERM);
    }
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
        usleep(1000);
    waitgroup_done(&workers);
    return NULL;
}

int main(void)
{
    sigset_t set;
    int number = SIGTERM;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    if (BUG)
        signal(SIGTERM, handler);
    else
        pthread_sigmask(SIG_BLOCK, &set, NULL);
    waitgroup_add(&workers, 2);
    pthread_t threads[] = {start(work, NULL), start(work, &set)};
    if (!BUG) {
        sigwait(&set, &number);
        handler(number);
    }
    for (int i = 0; i < 2; i++)
        join(threads[i]);
    return number != SIGTERM;
}
