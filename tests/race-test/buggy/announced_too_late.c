/* Plain pthreads. Who sends wakes the receiver only if that one has said that it sleeps. */
#include "../work.h"
#include <semaphore.h>

static int sleeps, sent;
static sem_t wake;

static void *receive(void *arg)
{
    wait_for_device(500);
#ifdef CORRECT
    __atomic_store_n(&sleeps, 1, __ATOMIC_SEQ_CST);
#endif
    if (!__atomic_load_n(&sent, __ATOMIC_SEQ_CST)) {
#ifndef CORRECT
        __atomic_store_n(&sleeps, 1, __ATOMIC_SEQ_CST); /* the bug: not asked again after this */
#endif
        while (sem_wait(&wake) != 0)
            ;
    }
    return arg;
}

int main(void)
{
    sem_init(&wake, 0, 0);
    pthread_t receiver = start_thread(receive, NULL);
    wait_for_device(2000);
    __atomic_store_n(&sent, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&sleeps, __ATOMIC_SEQ_CST))
        sem_post(&wake);
    pthread_join(receiver, NULL);
    return 0;
}
