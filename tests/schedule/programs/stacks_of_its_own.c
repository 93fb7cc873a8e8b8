/* correct: a handler and a coroutine run on arrays of a function that another thread works for */
#include "../program.h"
#include <semaphore.h>
#include <signal.h>
#include <ucontext.h>

enum { ROUNDS = 3, SIZE = 16384 };
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t handled;
static ucontext_t caller, coroutine;

static void post(int number)
{
    (void)number;
    sem_post(&handled);
}

static void run_again_and_again(void)
{
    for (;;) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        swapcontext(&coroutine, &caller);
    }
}

static void *count(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        ++*(int *)arg;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static __attribute__((__noinline__)) int count_beside(void (*act)(void))
{
    int counted = 0;
    const pthread_t other = start(count, &counted);
    for (int i = 0; i < ROUNDS; i++) {
        act();
        count(&counted);
    }
    pthread_join(other, NULL);
    return counted;
}

static void raise_signal(void)
{
    raise(SIGUSR1);
}

static void run_coroutine(void)
{
    swapcontext(&caller, &coroutine);
}

static __attribute__((__noinline__)) int beside_a_handler(void)
{
    static const struct sigaction action = {.sa_handler = post, .sa_flags = SA_ONSTACK};
    char stack[4 * SIZE]; /* TSan's part of it is large */
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    sigaction(SIGUSR1, &action, NULL);
    const int counted = count_beside(raise_signal);
    alternate.ss_flags = SS_DISABLE;
    sigaltstack(&alternate, NULL);
    return counted;
}

static __attribute__((__noinline__)) int beside_a_coroutine(void)
{
    char stack[SIZE];
    getcontext(&coroutine);
    coroutine.uc_stack = (stack_t){.ss_sp = stack, .ss_size = sizeof stack};
    coroutine.uc_link = &caller;
    makecontext(&coroutine, run_again_and_again, 0);
    return count_beside(run_coroutine);
}

int main(void)
{
    sem_init(&handled, 0, 0);
    const int all = beside_a_handler() + beside_a_coroutine();
    return all != 2 * (ROUNDS + ROUNDS * ROUNDS);
}
