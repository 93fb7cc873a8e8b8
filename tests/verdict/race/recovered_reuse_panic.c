/* question: is what a thread does in order still clean after it recovered from a panic of its wait? | rule: panic | mirrors: - | expect: WaitGroup misuse in waitgroup_add | go before 1.26: WaitGroup misuse in Add; data race in waiter, main */
#include "scenario.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

waitgroup_t wg;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
moment_t held, next_round;
int is_held, waiter_id;
jmp_buf recover_here;
int guarded;

static void recover(waitgroup_t *group, const char *message)
{
    (void)group;
    (void)message;
    longjmp(recover_here, 1);
}

/* Holds the waiter back between its release and its return. */
static void hold(int signal)
{
    (void)signal;
    if (__atomic_exchange_n(&is_held, 1, __ATOMIC_RELAXED))
        return;
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
    __atomic_store_n(&waiter_id, (int)syscall(SYS_gettid), __ATOMIC_RELAXED);
    if (setjmp(recover_here) == 0) {
        waitgroup_wait(&wg);
        exit(1);
    }
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    moment_init(&held, 2);
    moment_init(&next_round, 2);
    struct sigaction action = {.sa_handler = hold};
    sigaction(SIGUSR1, &action, NULL);
    waitgroup_set_panic_handler(recover);
    waitgroup_add(&wg, 1);
    pthread_t other = thread_start(release_and_reuse);
    pthread_t thread = thread_start(waiter);
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    until_blocked(&wg, 1);
    while (!__atomic_load_n(&is_held, __ATOMIC_RELAXED)) {
        if (is_asleep(__atomic_load_n(&waiter_id, __ATOMIC_RELAXED)))
            pthread_kill(thread, SIGUSR1);
        sched_yield();
    }
    thread_join(other);
    thread_join(thread);
    return done();
}
