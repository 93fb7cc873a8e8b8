/* Arithmetic of time, as POSIX counts it: points on a clock, and nanoseconds. Shared by the library and
 * tsan/schedule. */
#ifndef SHARED_TIMESPEC_H
#define SHARED_TIMESPEC_H

#include "waitgroup.h"

#include <limits.h>
#include <stdint.h>
#include <time.h>

enum { NANOSECONDS = 1000000000 };

WAITGROUP_UNINSTRUMENTED_ static inline uint64_t timespec_nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * NANOSECONDS + (uint64_t)time->tv_nsec;
}

WAITGROUP_UNINSTRUMENTED_ static inline struct timespec timespec_of(uint64_t nanoseconds)
{
    return (struct timespec){(time_t)(nanoseconds / NANOSECONDS), (long)(nanoseconds % NANOSECONDS)};
}

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

/* From a to b, which is not before a. */
WAITGROUP_UNINSTRUMENTED_ static inline struct timespec timespec_between(const struct timespec *a,
                                                                         const struct timespec *b)
{
    const int borrow = b->tv_nsec < a->tv_nsec;
    return (struct timespec){b->tv_sec - a->tv_sec - borrow,
                             b->tv_nsec - a->tv_nsec + borrow * (long)NANOSECONDS};
}

#endif
