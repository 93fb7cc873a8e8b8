/* question: is all clean after a wait without a group, given while another panic was handled? | rule: panic | mirrors: - | expect: no race | go: data race in worker, main | go before 1.20: no race */
#include "scenario.h"

#include <setjmp.h>

waitgroup_t wg, broken;
waitgroup_t *volatile none;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
jmp_buf recover_here;
int guarded, result, panics;

static void recover(waitgroup_t *group, const char *message)
{
    (void)message;
    panics++;
    if (group)
        waitgroup_wait(none);
    longjmp(recover_here, 1);
}

static void *worker(void *unused)
{
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    result = 42;
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    waitgroup_set_panic_handler(recover);
    if (setjmp(recover_here) == 0)
        waitgroup_done(&broken);
    if (panics != 2)
        return 1;
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    waitgroup_wait(&wg);
    result++;
    thread_join(thread);
    return done();
}
