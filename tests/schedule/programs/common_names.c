/* bug 1: data race */
#include "../program.h"

/* Names that a scheduler might have, too. */
pthread_t threads[2];
int running, shared, self, changes, alive, thread_count, alive_count, holder;
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void choose(void)
{
    changes++;
}
void look(void)
{
    alive++;
}
void turn_act(void)
{
    self++;
}

static void *work(void *arg)
{
    pthread_mutex_lock(&lock);
    running++;
    choose();
    look();
    turn_act();
    pthread_mutex_unlock(&lock);
#if BUG
    shared++;
#endif
    return arg;
}

int main(void)
{
    for (int i = 0; i < 2; i++)
        threads[i] = start(work, NULL);
    for (int i = 0; i < 2; i++)
        join(threads[i]);
    return running != 2 || changes != 2 || alive != 2 || self != 2 || thread_count || alive_count || holder;
}
