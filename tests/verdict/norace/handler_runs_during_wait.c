/* question: does the handler of a signal run while its thread waits, also one set with SA_RESTART? | rule: blocking | mirrors: none, Go has no signal handlers | expect: no race */
#include "scenario.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

waitgroup_t wg;
int handled, waiter_id;

static void handle(int signal)
{
    (void)signal;
    __atomic_store_n(&handled, 1, __ATOMIC_RELAXED);
}

static void *waiter(void *unused)
{
    __atomic_store_n(&waiter_id, (int)syscall(SYS_gettid), __ATOMIC_RELAXED);
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
    while (!__atomic_load_n(&handled, __ATOMIC_RELAXED)) {
        if (is_asleep(__atomic_load_n(&waiter_id, __ATOMIC_RELAXED)))
            pthread_kill(thread, SIGUSR1);
        sched_yield();
    }
    waitgroup_done(&wg);
    thread_join(thread);
    return done();
}
