/* expect: data race, panic: sync: negative WaitGroup counter */
#include <pthread.h>
#include <stddef.h>
#include <waitgroup.h>

waitgroup_t wg;
int data;

static void *too_many(void *unused)
{
    waitgroup_done(&wg);
    return unused;
}

static void *writer(void *unused)
{
    data++;
    return unused;
}

int main(void)
{
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, too_many, NULL);
    pthread_create(&threads[1], NULL, writer, NULL);
    pthread_create(&threads[2], NULL, writer, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}
