/* expect: no race */
#include <setjmp.h>
#include <pthread.h>
#include <waitgroup.h>

jmp_buf recovered;
int result;

static void *worker(void *wg)
{
    result = 1;
    waitgroup_done(wg);
    return NULL;
}

static void handler(waitgroup_t *wg, const char *message)
{
    (void)wg;
    (void)message;
    longjmp(recovered, 1);
}

int main(void)
{
    static waitgroup_t broken, wg;
    pthread_t thread;
    waitgroup_set_panic_handler(handler);
    if (setjmp(recovered) == 0)
        waitgroup_done(&broken);
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, worker, &wg);
    waitgroup_wait(&wg);
    pthread_join(thread, NULL);
    return result == 1 ? 0 : 1;
}
