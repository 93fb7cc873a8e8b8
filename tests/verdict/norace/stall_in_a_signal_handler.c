/* question: is a wait in a signal handler told of when it blocks, without a report about the printing? | rule: blocking | mirrors: none, Go has no signal handlers | expect: no race | options: stall_after=0.1 | prints: waitgroup: a Wait has been blocked for */
#include "scenario.h"

#include <errno.h>
#include <signal.h>

waitgroup_t wg;

/* What shutdown looks like when SIGTERM hits a worker that is waited for. */
static void handle(int signal)
{
    const struct timespec deadline = deadline_soon();
    (void)signal;
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline) != ETIMEDOUT)
        _Exit(1);
}

static void *worker(void *unused)
{
    pthread_kill(pthread_self(), SIGTERM);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handle};
    sigaction(SIGTERM, &action, NULL);
    waitgroup_add(&wg, 1);
    thread_join(thread_start(worker));
    waitgroup_wait(&wg);
    return done();
}
