/* Plain pthreads. A reader takes the current settings and counts itself in; the last one who has counted
 * itself out frees them. */
#include "../work.h"

struct settings {
    int users, level;
};
static struct settings *current;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
int level;

static void drop(struct settings *settings)
{
    if (__atomic_fetch_sub(&settings->users, 1, __ATOMIC_ACQ_REL) == 1)
        free(settings);
}

static struct settings *take(void)
{
#ifdef CORRECT
    pthread_mutex_lock(&lock);
#endif
    struct settings *settings = __atomic_load_n(&current, __ATOMIC_ACQUIRE);
    __atomic_fetch_add(&settings->users, 1, __ATOMIC_ACQ_REL); /* the bug: free by now, perhaps */
#ifdef CORRECT
    pthread_mutex_unlock(&lock);
#endif
    return settings;
}

static struct settings *new_settings(int value)
{
    struct settings *settings = malloc(sizeof *settings);
    *settings = (struct settings){1, value};
    return settings;
}

static void *read_side(void *arg)
{
    wait_for_device(500);
    struct settings *settings = take();
    level = settings->level;
    drop(settings);
    return arg;
}

int main(void)
{
    current = new_settings(1);
    pthread_t reader = start_thread(read_side, NULL);
    wait_for_device(2000);
    pthread_mutex_lock(&lock);
    struct settings *old = __atomic_exchange_n(&current, new_settings(2), __ATOMIC_ACQ_REL);
    pthread_mutex_unlock(&lock);
    drop(old);
    pthread_join(reader, NULL);
    drop(current);
    return 0;
}
