/* expect: data race */
#include <pthread.h>
#include <stddef.h>

volatile int flag;

static void *worker(void *unused)
{
    flag = 1;
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, worker, NULL);
    while (!flag)
        ;
    pthread_join(thread, NULL);
}
