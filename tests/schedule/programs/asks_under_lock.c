/* bug 1: data race */
#include "../program.h"

/* Who asks again and again, under a lock, must not keep the other from its work, whatever its priority. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int asked;
volatile int done;

static void *work(void *arg)
{
    pthread_mutex_lock(&lock);
    done = 1;
    pthread_mutex_unlock(&lock);
    return arg;
}

static int is_done(void)
{
#if BUG
    return done;
#else
    pthread_mutex_lock(&lock);
    asked++;
    const int result = done;
    pthread_mutex_unlock(&lock);
    return result;
#endif
}

int main(void)
{
    pthread_t thread = start(work, NULL);
    while (!is_done())
        ;
    join(thread);
    return 0;
}
