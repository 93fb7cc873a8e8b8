/* bug 1: deadlock */
#include "../program.h"
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>

/* Of those that wait on the first word one is woken; the others wait on the second one from then on. */
static int first, second, waiting, woken;

static void *wait_for_first(void *arg)
{
    __atomic_fetch_add(&waiting, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&first, __ATOMIC_SEQ_CST) == 0)
        syscall(SYS_futex, &first, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
    return arg;
}

int main(void)
{
    pthread_t a = start(wait_for_first, NULL), b = start(wait_for_first, NULL);
    while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) != 2)
        sched_yield();
    nap_if_led();
    __atomic_store_n(&first, 1, __ATOMIC_SEQ_CST);
    if (syscall(SYS_futex, &first, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &second, 2) != -1)
        return 1; /* the word is not 2 */
    if (syscall(SYS_futex, &first, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &second, 1) > 2)
        return 2;
#if !BUG
    syscall(SYS_futex, &second, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#endif
    join(a);
    join(b);
    return woken != 2;
}
