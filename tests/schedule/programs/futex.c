/* bug 1: deadlock | bug 2: data race */
#include "../program.h"
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>

/* A mutex of 0 free, 1 taken, 2 taken and waited for. */
static atomic_int word;
int x;

static void lock(void)
{
    int free = 0;
    if (atomic_compare_exchange_strong(&word, &free, 1))
        return;
    meet(BUG == 1);
    while (atomic_exchange(&word, 2) != 0)
        syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

static void unlock(void)
{
#if BUG == 1
    if (atomic_load(&word) == 2) { /* one may come between the look and the store */
        atomic_store(&word, 0);
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        return;
    }
    meet(1);
    nap_if_led();
    atomic_store(&word, 0);
#elif BUG == 2
    if (atomic_exchange_explicit(&word, 0, memory_order_relaxed) == 2)
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#else
    if (atomic_exchange(&word, 0) == 2)
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#endif
}

static void *count(void *arg)
{
    lock();
    x++;
    unlock();
    return arg;
}

int main(void)
{
    beside(count);
    return BUG ? 0 : x != 2;
}
