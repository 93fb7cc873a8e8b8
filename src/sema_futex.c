/* Tickets on Linux: threads sleep in the kernel on the ticket count itself. */
#define _GNU_SOURCE
#include "sema.h"
#include "race.h"
#include "timespec.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's numbers, which never change. Its <linux/futex.h> is not always there beside another C
 * library than glibc. */
enum {
    FUTEX_PRIVATE = 128,
    FUTEX_WAKE_PRIVATE = 1 | FUTEX_PRIVATE,
    FUTEX_WAIT_BITSET_PRIVATE = 9 | FUTEX_PRIVATE,
    FUTEX_CLOCK_REALTIME = 256,
};
#define FUTEX_ANY UINT32_MAX

/* With a time_t wider than long (32-bit machines after 2038's change) the classic call would misread
 * the deadline. */
#ifdef SYS_futex_time64
#  define FUTEX_CALL (sizeof(time_t) > sizeof(long) ? SYS_futex_time64 : SYS_futex)
#else
#  define FUTEX_CALL SYS_futex
#endif

/* TSan defers a signal's handler to the thread's next call into its runtime. So where it is there, a
 * sleep is a row of naps. A signal that came just before the sleep is seen at its end; one that
 * interrupts it, at once: only a sleep with a time comes back from a handler that was set with
 * SA_RESTART, as signal() does, and the deferred handler would never run. */
#define NAP (NANOSECONDS / 10)

WAITGROUP_ENTRY_ static const struct timespec *end_of_nap(clockid_t clock, const struct timespec *deadline,
                                                          struct timespec *end)
{
    *end = timespec_after(clock, NAP);
    return deadline && !timespec_is_before(end, deadline) ? deadline : end;
}

WAITGROUP_ENTRY_ int waitgroup_sema_acquire_(uint32_t *sema, clockid_t clock, const struct timespec *deadline)
{
    const int saved_errno = errno;
    const int operation = clock == CLOCK_REALTIME ? FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME
                                                  : FUTEX_WAIT_BITSET_PRIVATE;
    /* The kernel refuses times before its clock's zero; they have passed all the same. */
    const struct timespec zero = {0, 0};
    if (deadline && deadline->tv_sec < 0)
        deadline = &zero;

    int result = 0;
    while (!sema_try(sema)) {
        struct timespec nap;
        const struct timespec *end = race_enabled() ? end_of_nap(clock, deadline, &nap) : deadline;
        /* The kernel sleeps only while the count still reads 0 (else EAGAIN), so a release between
         * the look and the sleep is not missed. EINTR and stray wakes: look again. */
        if (syscall(FUTEX_CALL, sema, operation, 0, end, NULL, FUTEX_ANY) == 0)
            continue;
        if (errno == ETIMEDOUT && end == deadline) {
            result = ETIMEDOUT;
            break;
        }
        if (errno != EAGAIN)
            race_run_deferred_signals();
    }
    errno = saved_errno;
    return result;
}

WAITGROUP_ENTRY_ void waitgroup_sema_release_(uint32_t *sema, uint32_t n)
{
    const int saved_errno = errno;
    /* Release: pairs with the ticket's acquire in sema_try(). The last dereference. */
    __atomic_fetch_add(sema, n, __ATOMIC_RELEASE);
    /* The kernel takes an int: a count of 2^31 and more, read as negative, would wake only one. The
     * result is ignored: the waiters may have gone with their tickets, and the memory with them. */
    syscall(FUTEX_CALL, sema, FUTEX_WAKE_PRIVATE, n > INT_MAX ? INT_MAX : (int)n, NULL, NULL, 0);
    errno = saved_errno;
}
