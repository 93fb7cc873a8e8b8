/* step(), until_blocked() and until_zero(): by spinning on variables that nobody instruments. That a thread
 * is blocked shows where the library parks: the link wraps its calls of syscall(). The sleep lets a scheduler
 * that runs one thread at a time run another; by the yield, a trace shows who went on. */
#define _GNU_SOURCE
#include "lesson.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

static int steps_taken, parked;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long __wrap_syscall(long number, ...)
{
    long of[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        of[i] = va_arg(arguments, long);
    va_end(arguments);
    const long command = number == SYS_futex ? of[1] & FUTEX_CMD_MASK : -1;
    const int waits = command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
    if (waits)
        __atomic_fetch_add(&parked, 1, __ATOMIC_RELAXED);
    long result = __real_syscall(number, of[0], of[1], of[2], of[3], of[4], of[5]);
    if (waits)
        __atomic_fetch_sub(&parked, 1, __ATOMIC_RELAXED);
    return result;
}

void step(int number)
{
    while (__atomic_load_n(&steps_taken, __ATOMIC_ACQUIRE) != number - 1)
        usleep(100);
    sched_yield();
    __atomic_store_n(&steps_taken, number, __ATOMIC_RELEASE);
}

void until_blocked(int count)
{
    while (__atomic_load_n(&parked, __ATOMIC_ACQUIRE) < count)
        usleep(100);
    sched_yield();
}

/* The counter is the upper half of the group's word. */
void until_zero(const waitgroup_t *wg)
{
    while (__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE) >> 32 != 0)
        usleep(100);
    sched_yield();
}
