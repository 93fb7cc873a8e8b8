/* bug 1: deadlock */
#include "../program.h"
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>

static atomic_int word;
int x;

static void *poster(void *arg)
{
    nap_if_led();
    x = 1;
    atomic_store(&word, 1);
#if !BUG
    syscall(SYS_futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 2);
#else
    syscall(SYS_futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 1); /* nobody who waits for bit 1 */
#endif
    return arg;
}

int main(void)
{
    struct timespec nap = {0, 1000000};
    if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &nap, NULL, 0) != -1 || errno != ETIMEDOUT)
        return 1;
    if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, NULL, NULL, 0) != -1 || errno != EAGAIN)
        return 2;
    pthread_t thread = start(poster, NULL);
    while (atomic_load(&word) == 0)
        syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 2);
    join(thread);
    return x != 1;
}
