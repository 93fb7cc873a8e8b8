/* bug 1: deadlock */
#include "../program.h"
#include <semaphore.h>
#include <signal.h>

static sem_t never;
static volatile sig_atomic_t got;

static void handler(int number)
{
    got = number;
}

/* A signal ends the wait with EINTR. */
static void *sleeper(void *arg)
{
    while (!got || BUG)
        if (sem_wait(&never) != 0 && errno != EINTR)
            abort();
    return arg;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
    sem_init(&never, 0, 0);
    pthread_t thread = start(sleeper, NULL);
    do {
        pthread_kill(thread, SIGUSR1);
        usleep(1000);
    } while (!BUG && pthread_tryjoin_np(thread, NULL) == EBUSY);
    if (BUG)
        join(thread);
    return got != SIGUSR1;
}
