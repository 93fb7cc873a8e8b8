/* bug 1: livelock, deadlock */
#include "../program.h"
#include <stdatomic.h>

/* Each way to look whether another has changed something. Who looks must not keep the others from it. */
static atomic_int word = 1;
static pthread_spinlock_t lock;
int x;

static void *other(void *arg)
{
    atomic_store(&word, 0);
    pthread_spin_lock(&lock);
    x++;
    pthread_spin_unlock(&lock);
#if !BUG
    atomic_store(&word, 2);
#endif
    return arg;
}

int main(void)
{
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    pthread_t thread = start(other, NULL);
    for (int expected = 0; !atomic_compare_exchange_strong(&word, &expected, 1) && expected != 2;
         expected = 0)
        ;
    if (atomic_load(&word) == 1)
        while (atomic_exchange(&word, 1) == 1)
            ;
    while (pthread_spin_trylock(&lock) != 0)
        ;
    x++;
    pthread_spin_unlock(&lock);
    join(thread);
    return x != 2;
}
