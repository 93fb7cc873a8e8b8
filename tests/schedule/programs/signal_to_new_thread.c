/* bug 1: deadlock | plain: gcc 12 drops a signal that comes during the first blocking call of a thread */
#include "../program.h"
#include <semaphore.h>
#include <signal.h>

/* The signal may come before the thread has begun to run, or to wait: its handler runs all the same. */
static sem_t handled;

static void handler(int number)
{
    (void)number;
    if (!BUG)
        sem_post(&handled);
}

static void *wait_for_signal(void *arg)
{
    while (sem_wait(&handled) != 0)
        if (errno != EINTR)
            abort();
    return arg;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
    sem_init(&handled, 0, 0);
    pthread_t thread = start(wait_for_signal, NULL);
    pthread_kill(thread, SIGUSR1);
    join(thread);
    return 0;
}
