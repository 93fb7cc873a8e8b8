/* bug 1: deadlock */
#include "../program.h"
#include <semaphore.h>

static sem_t never;
static int fds[2];
int cleaned;

static void clean(void *arg)
{
    (void)arg;
    __atomic_fetch_add(&cleaned, 1, __ATOMIC_RELAXED);
}

static void *work(void *arg)
{
    char byte;
    pthread_cleanup_push(clean, NULL);
#if BUG
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
#endif
    if (arg == &never)
        sem_wait(&never);
    else if (arg == fds)
        (void)!read(fds[0], &byte, 1);
    else if (arg == &cleaned)
        for (;;)
            usleep(1000);
    else
        for (;;)
            pthread_testcancel();
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    sem_init(&never, 0, 0);
    if (pipe(fds) != 0)
        return 1;
    pthread_t threads[] = {start(work, &never), start(work, fds), start(work, BUG ? (void *)fds : &cleaned),
                           start(work, BUG ? (void *)fds : NULL)};
    for (int i = 0; i < 4; i++)
        pthread_cancel(threads[i]);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    return cleaned != 4;
}
