/* Plain pthreads. One initializes, whoever comes first; the others skip what is begun already. */
#include "../work.h"

enum { UNTOUCHED, BEGUN, DONE };
static int state;
int config;

static int read_config(void)
{
    int expected = UNTOUCHED;
    if (__atomic_compare_exchange_n(&state, &expected, BEGUN, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        config = 42;
        __atomic_store_n(&state, DONE, __ATOMIC_RELEASE);
    }
#ifdef CORRECT
    while (__atomic_load_n(&state, __ATOMIC_ACQUIRE) != DONE)
        sched_yield();
#endif
    return config; /* the bug: begun is not done */
}

static void *serve(void *arg)
{
    wait_for_device(*(int *)arg);
    return read_config() == 42 ? arg : NULL;
}

int main(void)
{
    static int begin[] = {500, 2000};
    pthread_t one = start_thread(serve, &begin[0]), two = start_thread(serve, &begin[1]);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
