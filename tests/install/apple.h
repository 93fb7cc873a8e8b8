/* macOS as far as parking is concerned: no pthread_condattr_setclock(), but a relative sleep. */
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#ifndef __APPLE__
#    define __APPLE__ 1
#endif

__attribute__((__unused__)) static int pthread_cond_timedwait_relative_np(pthread_cond_t *condition,
                                                                          pthread_mutex_t *mutex,
                                                                          const struct timespec *left)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += left->tv_sec;
    until.tv_nsec += left->tv_nsec;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return pthread_cond_timedwait(condition, mutex, &until);
}
#pragma GCC poison pthread_condattr_setclock
