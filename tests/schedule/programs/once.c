/* bug 1: data race | bug 2: exit 1 */
#include "../program.h"

int config, times;

static void init(void)
{
    config = 42;
    times++;
}

#if BUG
static int is_done;

static void once(void)
{
#    if BUG == 1
    if (!is_done) {
        is_done = 1;
        init();
    }
#    else
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int done = __atomic_load_n(&is_done, __ATOMIC_ACQUIRE);
    meet(1);
    pthread_mutex_lock(&lock);
    if (!done)
        init(); /* not asked again under the lock */
    __atomic_store_n(&is_done, 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
#    endif
}
#else
static void once(void)
{
    static pthread_once_t control = PTHREAD_ONCE_INIT;
    pthread_once(&control, init);
}
#endif

static void *use(void *arg)
{
    once();
    return BUG == 2 || config == 42 ? arg : NULL;
}

int main(void)
{
    beside(use);
    return times != 1;
}
