/* expect: no race, WaitGroup misuse */
#include <pthread.h>
#include <waitgroup.h>

waitgroup_t wg;

static void task(void *unused)
{
    (void)unused;
}

static void *starter(void *unused)
{
    return waitgroup_go(&wg, task, NULL) == 0 ? unused : NULL;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, starter, NULL);
    waitgroup_wait(&wg);
    pthread_join(thread, NULL);
    waitgroup_wait(&wg);
}
