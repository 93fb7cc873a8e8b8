/* A test with a bug: the thread announces itself, and Wait may be through by then. */
#include <pthread.h>
#include <waitgroup.h>

static waitgroup_t group = WAITGROUP_INIT;
int result;

static void *work(void *arg)
{
    waitgroup_add(&group, 1);
    result = 42;
    waitgroup_done(&group);
    return arg;
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0)
        return 1;
    waitgroup_wait(&group);
    pthread_join(thread, NULL);
    return result != 42;
}
