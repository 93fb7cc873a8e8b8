/* Plain pthreads: a pipe says which request is finished, before its result is stored. The access log's
 * lock happens to order it. */
#include "../work.h"

#include <unistd.h>

enum { REQUESTS = 4 };
static int finished[2];
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
int lines;
int results[REQUESTS], sum;

static void log_a_line(void)
{
    pthread_mutex_lock(&log_lock);
    lines++;
    pthread_mutex_unlock(&log_lock);
}

static void *serve(void *arg)
{
    for (unsigned char i = 0; i < REQUESTS; i++) {
        wait_for_device(1000);
        if (write(finished[1], &i, 1) != 1)
            exit(1);
        results[i] = i; /* the bug: too late */
        log_a_line();
    }
    return arg;
}

int main(void)
{
    if (pipe(finished) != 0)
        return 1;
    pthread_t server = start_thread(serve, NULL);
    for (int i = 0; i < REQUESTS; i++) {
        unsigned char which;
        if (read(finished[0], &which, 1) != 1)
            return 1;
        wait_for_device(700);
        log_a_line();
        sum += results[which];
    }
    pthread_join(server, NULL);
    return 0;
}
