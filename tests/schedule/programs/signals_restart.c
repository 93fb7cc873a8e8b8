/* bug 1: exit 1 */
#include "../program.h"
#include <semaphore.h>
#include <signal.h>

/* A signal whose handler has SA_RESTART ends no sem_wait; one without does. */
static sem_t posted_later;

static void handler(int number)
{
    (void)number;
}

static void *sleeper(void *arg)
{
    return sem_wait(&posted_later) == 0 ? NULL : arg;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = BUG ? 0 : SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sem_init(&posted_later, 0, 0);
    pthread_t thread = start(sleeper, &posted_later);
    nap_if_led();
    pthread_kill(thread, SIGUSR1);
    nap_if_led();
    sem_post(&posted_later);
    void *interrupted;
    pthread_join(thread, &interrupted);
    return interrupted != NULL;
}
