/* bug 1: data race | bug 2: data race | plain: it sees no end of a local variable */
#include "../program.h"
#include <sched.h>
#include <semaphore.h>

/* Who is asked reads a variable of a function that has returned (1), of a thread that has ended (2). */
static sem_t answered;
static pthread_t asked;
int answer;

static void *give_answer(void *question)
{
    answer = *(const int *)question;
    sem_post(&answered);
    return NULL;
}

static __attribute__((__noinline__)) void ask(int waits)
{
    int question = 6 * 7;
    asked = start(give_answer, &question);
    sched_yield();
    while (waits && sem_wait(&answered) != 0)
        ;
}

static void *ask_beside(void *arg)
{
    ask(BUG != 2);
    return arg;
}

int main(void)
{
    sem_init(&answered, 0, 0);
    ask(BUG != 1);
    pthread_join(asked, NULL);
    if (BUG == 1)
        sem_wait(&answered);
    const pthread_t other = start(ask_beside, NULL);
    pthread_join(other, NULL);
    pthread_join(asked, NULL);
    return 0;
}
