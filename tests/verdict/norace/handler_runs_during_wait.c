/* question: does the handler of a signal run while its thread waits, also one set with SA_RESTART? | rule: blocking | mirrors: none, Go has no signal handlers | expect: no race */
#include "scenario.h"

#include <signal.h>
#include <unistd.h>

waitgroup_t wg;
int handled;

static void handle(int signal)
{
    (void)signal;
    __atomic_store_n(&handled, 1, __ATOMIC_RELAXED);
}

static void *waiter(void *unused)
{
    waitgroup_wait(&wg);
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(waiter);
    until_blocked(&wg, 1);
    /* Now it sleeps, or is about to. More than once, as the runtimes of clang 14 and gcc 12 lose a signal
     * that comes while a thread enters pthread_cond_wait. */
    while (!__atomic_load_n(&handled, __ATOMIC_RELAXED)) {
        pthread_kill(thread, SIGUSR1);
        usleep(10000);
    }
    waitgroup_done(&wg);
    thread_join(thread);
    return done();
}
