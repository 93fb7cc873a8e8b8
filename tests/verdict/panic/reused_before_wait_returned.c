/* question: does a wait panic that wakes in the next round? | rule: reuse | mirrors: - | expect: sync: WaitGroup is reused before previous Wait has returned */
#include "scenario.h"

#include <signal.h>

waitgroup_t wg;
moment_t held, next_round;
volatile sig_atomic_t is_held;

/* Holds the waiter back between its release and its return. */
static void hold(int signal)
{
    (void)signal;
    if (is_held)
        return;
    is_held = 1;
    moment_pass(&held);
    moment_pass(&next_round);
}

static void *release_and_reuse(void *unused)
{
    moment_pass(&held);
    waitgroup_done(&wg);
    waitgroup_add(&wg, 1);
    moment_pass(&next_round);
    return unused;
}

static void *waiter(void *unused)
{
    waitgroup_wait(&wg);
    return unused;
}

int main(void)
{
    moment_init(&held, 2);
    moment_init(&next_round, 2);
    struct sigaction action = {.sa_handler = hold};
    sigaction(SIGUSR1, &action, NULL);
    waitgroup_add(&wg, 1);
    pthread_t other = thread_start(release_and_reuse);
    pthread_t thread = thread_start(waiter);
    until_blocked(&wg, 1);
    /* A signal that arrives just before the sleep waits for the next one. */
    while (!is_held) {
        pthread_kill(thread, SIGUSR1);
        sched_yield();
    }
    thread_join(other);
    thread_join(thread);
    return done();
}
