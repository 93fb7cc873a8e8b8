/* bug 1: data race | bug 2: exit 1 | bug 3: data race */
#include "../program.h"
#include <stdatomic.h>

static atomic_int flag, hits;
static atomic_flag lock = ATOMIC_FLAG_INIT;
int message, x;

static void hit(void)
{
#if BUG == 2
    int seen = atomic_load(&hits);
    meet(1);
    atomic_store(&hits, seen + 1);
#else
    int seen = atomic_load(&hits);
    while (!atomic_compare_exchange_weak(&hits, &seen, seen + 1))
        ;
#endif
    while (atomic_flag_test_and_set_explicit(&lock, BUG == 3 ? memory_order_relaxed : memory_order_acquire))
        ;
    x++;
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

static void *sender(void *arg)
{
    message = 42;
    atomic_store_explicit(&flag, 1, BUG == 1 ? memory_order_relaxed : memory_order_release);
    hit();
    return arg;
}

int main(void)
{
    pthread_t thread = start(sender, NULL);
    while (!atomic_load_explicit(&flag, memory_order_acquire))
        ;
    int seen = message;
    hit();
    join(thread);
    return atomic_load(&hits) != 2 || seen != 42;
}
