/* expect: no race, data race */
#include <pthread.h>
#include <stddef.h>

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
int value;

static void *worker(void *unused)
{
    pthread_mutex_lock(&mutex);
    value++;
    pthread_mutex_lock(&other);
    pthread_mutex_unlock(&other);
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, worker, NULL);
    int error = pthread_mutex_trylock(&mutex);
    value++;
    if (error == 0)
        pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
}
