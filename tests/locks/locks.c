/* locks held|free: waits with a mutex held, or after unlocking it. */
#include <waitgroup.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static waitgroup_t wg = WAITGROUP_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

int main(int argc, char **argv)
{
    const int held = argc > 1 && strcmp(argv[1], "held") == 0;
    pthread_mutex_lock(&mutex);
    if (!held)
        pthread_mutex_unlock(&mutex);
    waitgroup_wait(&wg);
    if (held)
        pthread_mutex_unlock(&mutex);
    puts("DONE");
    return 0;
}
