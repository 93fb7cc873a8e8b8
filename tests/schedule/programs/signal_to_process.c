/* bug 1: deadlock */
#include "../program.h"
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>

/* A signal to the process, from a thread and from the end of a child; the kernel chooses who takes it. */
static sem_t handled;

static void handler(int number)
{
    const int before = errno;
    if (number == (BUG ? SIGUSR1 : number))
        sem_post(&handled);
    errno = before;
}

static void wait_until_handled(void)
{
    while (sem_wait(&handled) != 0)
        if (errno != EINTR)
            abort();
}

static void *send(void *arg)
{
    kill(getpid(), SIGUSR1);
    return arg;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGCHLD, &action, NULL);
    sem_init(&handled, 0, 1);
    /* gcc 12's runtime makes a thread's table of pending signals in its first blocking call, and drops what
       comes meanwhile: this call is the first. */
    wait_until_handled();
    pthread_t thread = start(send, NULL);
    wait_until_handled();
    join(thread);
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    wait_until_handled();
    return waitpid(child, NULL, 0) != child;
}
