/* Points in time, as POSIX counts them. */
#ifndef WAITGROUP_TIMESPEC_H
#define WAITGROUP_TIMESPEC_H

#include "waitgroup.h"

#include <limits.h>
#include <stdint.h>
#include <time.h>

enum { NANOSECONDS = 1000000000 };

/* The clock's time in so many nanoseconds, cut off at the end of time. */
WAITGROUP_UNINSTRUMENTED_ static inline struct timespec timespec_after(clockid_t clock, uint64_t nanoseconds)
{
    struct timespec now;
    clock_gettime(clock, &now);
    uint64_t nsec = (uint64_t)now.tv_nsec + nanoseconds % NANOSECONDS;
    struct timespec later = {0, (long)(nsec % NANOSECONDS)};
    if (__builtin_add_overflow(now.tv_sec, nanoseconds / NANOSECONDS + nsec / NANOSECONDS, &later.tv_sec)) {
        later.tv_sec = (time_t)((UINT64_C(1) << (sizeof(time_t) * CHAR_BIT - 1)) - 1);
        later.tv_nsec = NANOSECONDS - 1;
    }
    return later;
}

WAITGROUP_UNINSTRUMENTED_ static inline int timespec_is_before(const struct timespec *a,
                                                               const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

#endif
