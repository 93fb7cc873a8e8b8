/* expect: no race, data race */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

sem_t places;
int value;

static void *worker(void *unused)
{
    sem_wait(&places);
    value++;
    sem_post(&places);
    return unused;
}

int main(void)
{
    pthread_t a, b;
    sem_init(&places, 0, 2);
    pthread_create(&a, NULL, worker, NULL);
    pthread_create(&b, NULL, worker, NULL);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
}
