/* question: is what a thread does in order still clean after it recovered from a wait without a group? | rule: panic | mirrors: - | expect: no race | go: data race in waiter, main | go before 1.20: no race */
#include "scenario.h"

#include <setjmp.h>

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
moment_t recovered;
waitgroup_t *volatile none;
jmp_buf recover_here;
int guarded;

static void recover(waitgroup_t *group, const char *message)
{
    (void)group;
    (void)message;
    longjmp(recover_here, 1);
}

static void *waiter(void *unused)
{
    if (setjmp(recover_here) == 0)
        waitgroup_wait(none);
    moment_pass(&recovered);
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    moment_init(&recovered, 2);
    waitgroup_set_panic_handler(recover);
    pthread_t thread = thread_start(waiter);
    pthread_mutex_lock(&mutex);
    guarded++;
    pthread_mutex_unlock(&mutex);
    moment_pass(&recovered);
    thread_join(thread);
    return done();
}
