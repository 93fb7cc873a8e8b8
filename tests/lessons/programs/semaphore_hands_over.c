/* expect: no race */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

sem_t ready;
int value;

static void *worker(void *unused)
{
    value = 1;
    sem_post(&ready);
    return unused;
}

int main(void)
{
    pthread_t thread;
    sem_init(&ready, 0, 0);
    pthread_create(&thread, NULL, worker, NULL);
    sem_wait(&ready);
    printf("%d\n", value);
    pthread_join(thread, NULL);
    sem_destroy(&ready);
}
