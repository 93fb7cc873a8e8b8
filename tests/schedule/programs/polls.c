/* bug 1: data race */
#include "../program.h"
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

/* Loops that ask, in ways of their own, for what another thread or a process is to do. */
static sigset_t user;
static volatile int flag;
int asked;

static void *for_signal(void *arg)
{
    sigset_t pending;
    do
        sigpending(&pending);
    while (!sigismember(&pending, SIGUSR1));
    return arg;
}

static void *for_child(void *arg)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        _exit(3);
    }
    while (waitpid(child, &status, WNOHANG) == 0)
        ;
    asked++;
    return WEXITSTATUS(status) == 3 ? arg : (abort(), arg);
}

__attribute__((__no_sanitize_thread__, __noinline__)) static int get(void)
{
    return flag;
}

__attribute__((__no_sanitize_thread__, __noinline__)) static void set(void)
{
    flag = 1;
}

/* A variable that the compiler does not announce. */
static void *for_flag(void *arg)
{
    while (!get())
        ;
    return arg;
}

int main(void)
{
    sigemptyset(&user);
    sigaddset(&user, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &user, NULL);
    pthread_t signal = start(for_signal, NULL);
    pthread_kill(signal, SIGUSR1);
    join(signal);

    pthread_t child = start(for_child, NULL);
#if BUG
    asked++;
#endif
    join(child);

    pthread_t third = start(for_flag, NULL);
    sched_yield();
    set();
    join(third);
    return 0;
}
