/* question: after a panic that a handler left by longjmp, is a race on user data still reported? | rule: panic | mirrors: - | expect: data race in worker, main */
#include "scenario.h"

#include <setjmp.h>

waitgroup_t wg, broken;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
moment_t written;
jmp_buf recover_here;
int guarded, result;

static void recover(waitgroup_t *group, const char *message)
{
    (void)message;
    if (group == &broken)
        longjmp(recover_here, 1);
}

static void *worker(void *unused)
{
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    waitgroup_done(&wg);
    result = 42;
    moment_pass(&written);
    return unused;
}

int main(void)
{
    moment_init(&written, 2);
    waitgroup_set_panic_handler(recover);
    if (setjmp(recover_here) == 0)
        waitgroup_done(&broken);
    waitgroup_add(&wg, 1);
    pthread_t thread = thread_start(worker);
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    waitgroup_wait(&wg);
    guarded++;
    moment_pass(&written);
    result++;
    thread_join(thread);
    return done();
}
