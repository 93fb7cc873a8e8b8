/* What whoever waits for the turn sees of the thread that has it and makes no step: whether it waits for
 * something that nobody here knows. */
#define _GNU_SOURCE
#include "watch.h"
#include "module.h"
#include "shared/timespec.h"
#include "turn.h"

#include <sys/syscall.h>
#include <time.h>

enum { SOME_LOOKS = 3, MANY_LOOKS = 8, LONG_WORK = 500000000 /* ns of processor time without a step */ };

/* The last of what the kernel tells is where the call was made. TSan's runtime reads what its symbolizer
 * answers while it makes a report. */
static bool is_runtimes_own(const char *text, long size)
{
    uintptr_t pc = 0;
    for (long i = 0; i < size && text[i] != '\n'; i++) {
        const char digit = text[i];
        if (digit == ' ')
            pc = 0;
        else if (digit != 'x')
            pc = pc << 4 | (uintptr_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return module_is_silent(pc);
}

/* The turn has been held for long without a step. If the kernel says, several times in a row, that the
 * holder sleeps in one and the same system call, it is one that nobody here knew: the holder is outside
 * from now on. Sleeps in futex() end by themselves, mostly: TSan's own locks, the start of a thread. */
static bool same_call_again(int holder_now)
{
    char text[256];
    long size = real_read_own("syscall", threads[holder_now].number, text, sizeof text);
    if (size <= 0 || text[0] < '0' || text[0] > '9') /* "running", or "-1": in no system call */
        return false;
    uint64_t key = (uint64_t)holder_now + 1;
    for (long i = 0; i < size; i++)
        key = (key ^ (unsigned char)text[i]) * 0x100000001b3u;
    self->watched = self->watched_call == key ? self->watched + 1 : 0;
    self->watched_call = key;
    int number = 0;
    for (long i = 0; text[i] >= '0' && text[i] <= '9'; i++)
        number = number * 10 + (text[i] - '0');
    if (number == SYS_read && is_runtimes_own(text, size))
        return false;
    return self->watched >= (number == SYS_futex ? MANY_LOOKS : SOME_LOOKS);
}

/* Or it asks, in a way that nobody here sees, for what others are to do: a file that is to exist, a variable
 * that the compiler does not announce. */
static bool works_for_long(int holder_now, uint64_t steps)
{
    struct timespec time;
    const int clock =
        (int)(~(uint32_t)threads[holder_now].number << 3 | 6); /* of a thread, see pthread_getcpuclockid() */
    if (REAL(SYS_clock_gettime, clock, &time) != 0)
        return false;
    const uint64_t used = timespec_nanoseconds(&time);
    if (self->busy_steps != steps || self->busy_since > used) {
        self->busy_steps = steps;
        self->busy_since = used;
    }
    if (used - self->busy_since < LONG_WORK)
        return false;
    for (int i = 0; i < alive_count; i++)
        if (alive[i] != holder_now &&
            (turn_can_go_on(&threads[alive[i]]) || threads[alive[i]].deadline != NEVER))
            return true;
    return false;
}

const char *watch_finds(int holder, uint64_t steps)
{
    if (same_call_again(holder))
        return "a thread kept the turn while it slept in a call that is not modelled";
    return works_for_long(holder, steps) ? "a thread kept the turn for long, perhaps to wait for the others"
                                         : NULL;
}
