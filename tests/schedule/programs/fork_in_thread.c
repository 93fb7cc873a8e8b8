/* bug 1: deadlock | plain: TSan's child waits for ever, too, but without a word */
#include "../program.h"
#include <signal.h>
#include <sys/wait.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *count(void *arg)
{
    pthread_mutex_lock(&lock);
    x++;
    pthread_mutex_unlock(&lock);
    return arg;
}

static void *forker(void *arg)
{
    int status = 0;
    count(NULL);
    pid_t child = fork();
    if (child == 0) {
        char *arguments[] = {(char *)"true", NULL};
        execvp("true", arguments);
        _exit(9);
    }
    waitpid(child, &status, 0);
    return status ? NULL : arg;
}

int main(void)
{
    pthread_t thread = start(forker, NULL);
    count(NULL);
    join(thread);
    if (BUG) {
        pthread_mutex_lock(&lock);
        join(start(count, NULL));
    }
    return x != 2;
}
