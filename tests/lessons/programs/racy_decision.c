/* expect: data race, panic: sync: negative WaitGroup counter */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <waitgroup.h>

int flag;
atomic_int one, other;
waitgroup_t wg;

static void *decides(void *unused)
{
    atomic_fetch_add(&one, 1);
    if (flag)
        waitgroup_done(&wg);
    return unused;
}

static void *sets(void *unused)
{
    atomic_fetch_add(&other, 1);
    flag = 1;
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, decides, NULL);
    pthread_create(&threads[1], NULL, sets, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
