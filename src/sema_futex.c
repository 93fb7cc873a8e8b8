/* Tickets on Linux: threads sleep in the kernel on the ticket count itself. */
#define _GNU_SOURCE
#include "sema.h"
#include "shared/call.h"
#include "race.h"
#include "unwoken.h"
#include "shared/timespec.h"

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

/* 32-bit machines have two calls: the classic one, with a time of 32 bits, and since Linux 5.1 one with 64.
 * Older kernels do not know the latter (ENOSYS), nor do older seccomp filters (EPERM). */
#if defined(SYS_futex) && defined(SYS_futex_time64)

WAITGROUP_ENTRY_ static long futex(uint32_t *address, int operation, uint32_t value,
                                   const struct timespec *until)
{
    static int only_classic;
    if (!__atomic_load_n(&only_classic, __ATOMIC_RELAXED)) {
        const struct {
            int64_t seconds, nanoseconds;
        } time = {until ? until->tv_sec : 0, until ? until->tv_nsec : 0};
        const long result =
            syscall(SYS_futex_time64, address, operation, value, until ? &time : NULL, NULL, FUTEX_ANY);
        if (result >= 0 || (errno != ENOSYS && errno != EPERM))
            return result;
        __atomic_store_n(&only_classic, 1, __ATOMIC_RELAXED);
    }
    const struct {
        long seconds, nanoseconds;
    } time = {!until                     ? 0
              : until->tv_sec < LONG_MAX ? (long)until->tv_sec
                                         : LONG_MAX,
              until ? until->tv_nsec : 0};
    return syscall(SYS_futex, address, operation, value, until ? &time : NULL, NULL, FUTEX_ANY);
}

#else

#    ifndef SYS_futex /* 32-bit machines younger than that */
#        define SYS_futex SYS_futex_time64
#    endif
WAITGROUP_UNINSTRUMENTED_ static long futex(uint32_t *address, int operation, uint32_t value,
                                            const struct timespec *until)
{
    return syscall(SYS_futex, address, operation, value, until, NULL, FUTEX_ANY);
}

#endif

/* TSan defers a signal's handler to the thread's next call into its runtime. So under TSan a sleep is cut
 * into naps, and after each of them the thread makes such a call. A signal that arrives just before a nap is
 * handled at its end; one that interrupts a nap, at once, as a nap has a time limit: a sleep without one is
 * restarted by the kernel after a handler that was set with SA_RESTART, as signal() does, and the deferred
 * handler would never run. */
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

    int result = 0, napped = 0;
    while (!sema_try(sema)) {
        struct timespec nap;
        const struct timespec *end = race_enabled() ? end_of_nap(clock, deadline, &nap) : deadline;
        call_tell("waitgroup_sleep", end == deadline ? CALL_SLEEPS : CALL_NAPS, sema, deadline);
        /* The kernel sleeps only while the count still reads 0 (else EAGAIN), so a release between
         * the look and the sleep is not missed. EINTR and stray wakes: look again. */
        if (futex(sema, operation, 0, end) == 0)
            continue;
        if (errno != EAGAIN && errno != EINTR && (errno != ETIMEDOUT || end == deadline)) {
            result = errno;
            break;
        }
        napped = errno == ETIMEDOUT;
        if (errno != EAGAIN)
            race_run_deferred_signals();
    }
    if (napped && result == 0) /* nobody woke it: without naps it might sleep for ever */
        waitgroup_report_unwoken_(sema);
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
    futex(sema, FUTEX_WAKE_PRIVATE, n > INT_MAX ? INT_MAX : n, NULL);
    errno = saved_errno;
}
