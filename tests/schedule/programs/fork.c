/* bug 1: exit 3 | bug 2: data race */
#include "../program.h"
#include <sys/wait.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int x;

static void *count(void *arg)
{
#if BUG == 2
    x++;
#endif
    pthread_mutex_lock(&lock);
    x++;
    pthread_mutex_unlock(&lock);
    return arg;
}

int main(void)
{
    int status, other;
    pid_t child = fork();
    if (child == 0) {
        count(NULL);
        _exit(BUG == 1 ? 3 : x - (BUG ? 2 : 1));
    }
    pthread_t thread = start(count, NULL);
    count(NULL);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return 1;
    other = system("exit 5");
    join(thread);
    if (!WIFEXITED(other) || WEXITSTATUS(other) != 5)
        return 2;
    return WEXITSTATUS(status);
}
