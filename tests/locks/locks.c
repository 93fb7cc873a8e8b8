/* locks held|free|past|future: waits with a mutex held, or after unlocking it; or with it held, and a
 * deadline. */
#include <waitgroup.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static waitgroup_t wg = WAITGROUP_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

int main(int argc, char **argv)
{
    const int held = argc > 1 && strcmp(argv[1], "free") != 0;
    const struct timespec past = {0, 0}, future = {INT32_MAX, 0};
    pthread_mutex_lock(&mutex);
    if (!held)
        pthread_mutex_unlock(&mutex);
    if (argc > 1 && strcmp(argv[1], "past") == 0)
        (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &past);
    else if (argc > 1 && strcmp(argv[1], "future") == 0)
        (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &future);
    else
        waitgroup_wait(&wg);
    if (held)
        pthread_mutex_unlock(&mutex);
    puts("DONE");
    return 0;
}
