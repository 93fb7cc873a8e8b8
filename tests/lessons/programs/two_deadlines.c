/* expect: no race, panic: sync: negative WaitGroup counter */
#include <pthread.h>
#include <stddef.h>
#include <time.h>
#include <waitgroup.h>

pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
waitgroup_t wg;
struct timespec soon;

/* Holds a, wants b in time, which main() holds; then a is free. */
static void *gives_up(void *unused)
{
    pthread_mutex_lock(&a);
    pthread_mutex_timedlock(&b, &soon);
    pthread_mutex_unlock(&a);
    return unused;
}

static void *follows(void *unused)
{
    if (pthread_mutex_timedlock(&a, &soon) == 0)
        waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_mutex_lock(&b);
    pthread_create(&threads[0], NULL, follows, NULL);
    pthread_create(&threads[1], NULL, gives_up, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
