/* Virtual time: it passes where threads look at it, and when a deadline is all that is left to wait for.
 * So a run takes the same turns however fast the machine is, and sleeping costs nothing. */
#define _GNU_SOURCE
#include "clock.h"
#include "shared/timespec.h"
#include "turn.h"

#include <time.h>

enum { TICK = 1000 };

static uint64_t now, since_real;

/* In the server, before any run: all runs begin at the same moment. */
void clock_begin(void)
{
    now = real_now(CLOCK_MONOTONIC);
    since_real = real_now(CLOCK_REALTIME) - now;
}

uint64_t clock_now(void)
{
    return now;
}

void clock_pass_to(uint64_t time)
{
    if (time > now)
        now = time;
}

void clock_tick(uint64_t ticks)
{
    now += TICK * ticks;
}

bool clock_is_virtual(int clock)
{
    return clock != CLOCK_PROCESS_CPUTIME_ID && clock != CLOCK_THREAD_CPUTIME_ID && clock >= 0;
}

static bool is_real(int clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI ||
           clock == CLOCK_REALTIME_ALARM;
}

uint64_t clock_read(int clock)
{
    return is_real(clock) ? now + since_real : now;
}

/* A point in time of a clock, as one of the virtual, monotonic clock; never NEVER. */
uint64_t clock_deadline(int clock, const struct timespec *time)
{
    const uint64_t far = UINT64_MAX / 4;
    if (time->tv_sec < 0)
        return 1;
    if ((uint64_t)time->tv_sec > far / NANOSECONDS)
        return far;
    uint64_t at = timespec_nanoseconds(time);
    if (is_real(clock))
        at = at > since_real ? at - since_real : 1;
    return at == NEVER ? 1 : at;
}

uint64_t clock_after(const struct timespec *span)
{
    const uint64_t far = UINT64_MAX / 4;
    if (span->tv_sec < 0 || (uint64_t)span->tv_sec > far / NANOSECONDS)
        return far;
    return now + timespec_nanoseconds(span);
}
