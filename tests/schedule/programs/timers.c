/* bug 1: deadlock */
#include "../program.h"
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

/* The signals of timers end waits, and sleeps that would be longer. */
static sem_t handled, received;

static void handler(int number)
{
    const int before = errno;
    (void)number;
    sem_post(&handled);
    errno = before;
}

static void *receive(void *arg)
{
    int number;
    if (sigwait(arg, &number) == 0 && number == SIGUSR2)
        sem_post(&received);
    return NULL;
}

static void start_alarm(void)
{
    const struct itimerval soon = {.it_value = {0, 20000}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

static void start_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    const struct itimerspec soon = {.it_value = {0, 20000000}};
    timer_t timer;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
        abort();
    timer_settime(timer, 0, &soon, NULL);
}

int main(void)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGALRM, &action, NULL);
    sem_init(&handled, 0, 0);
    sem_init(&received, 0, 0);

    start_alarm();
    while (sem_wait(&handled) != 0)
        if (errno != EINTR)
            abort();
    start_alarm();
    if (sleep(5) == 0)
        abort();
    pthread_t thread = start(receive, &blocked);
    if (!BUG)
        start_timer();
    sem_wait(&received);
    join(thread);
    return 0;
}
