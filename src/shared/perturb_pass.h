/* A thread passes a point: it is held up as the strategy says (perturb_strategy.h), as long as the program as
 * a whole does not lose too much time by it. Shared by src/perturb.c and tsan/schedule/delay.c. */
#ifndef SHARED_PERTURB_PASS_H
#define SHARED_PERTURB_PASS_H

#include "shared/perturb_strategy.h"
#include "shared/timespec.h"

#include <errno.h>
#ifdef __linux__
#    include <sys/syscall.h>
#    ifndef perturb_syscall     /* the scheduler has its own */
long syscall(long number, ...); /* as in <unistd.h>, which hides it without _GNU_SOURCE */
#        define perturb_syscall syscall
#    endif
#endif

/* What all threads share. */
struct perturb_process {
    uint64_t seed;      /* 0: nothing is delayed */
    uint64_t began;     /* microseconds of the monotonic clock */
    uint64_t slept;     /* microseconds, by all threads */
    uint32_t strangers; /* threads without an identity from their parent */
    uint32_t arrivals[PERTURB_POINTS];
};

/* Microseconds of the monotonic clock. System calls and not functions, here and below: TSan has
 * interceptors for the functions. */
WAITGROUP_UNINSTRUMENTED_ static inline uint64_t perturb_now(void)
{
    struct timespec now;
#ifdef __linux__
    perturb_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return timespec_nanoseconds(&now) / 1000;
}

WAITGROUP_UNINSTRUMENTED_ static inline void perturb_sleep(uint32_t microseconds)
{
    struct timespec time = {0, microseconds == PERTURB_YIELD ? 1 : (long)microseconds * 1000};
#ifdef __linux__
    if (microseconds == PERTURB_YIELD)
        perturb_syscall(SYS_sched_yield, 0);
    else
        perturb_syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &time, NULL);
#else
    nanosleep(&time, NULL);
#endif
}

/* Has the process no other thread, which a delay would let run first? The folder of its threads has two links
 * and one for each thread; one thread is ThreadSanitizer's own, there before the program starts any. */
WAITGROUP_UNINSTRUMENTED_ static inline int perturb_alone(void)
{
#if defined(__linux__) && defined(SYS_statx)
    struct { /* the kernel's struct statx, which some C libraries lack */
        uint32_t mask, blksize;
        uint64_t attributes;
        uint32_t nlink, rest[59];
    } tasks;
    long error =
        perturb_syscall(SYS_statx, -100 /* AT_FDCWD */, "/proc/self/task", 0, 4 /* STATX_NLINK */, &tasks);
    return error == 0 && tasks.nlink <= 2 + 2;
#else
    return 0;
#endif
}

/* The calling thread passes a point. What all threads have slept so far stays below a head start and a
 * share of the time since the program began, so that a program of many calls does not crawl. */
WAITGROUP_UNINSTRUMENTED_ static inline void
perturb_pass(struct perturb_process *process, struct perturb_thread *thread, enum perturb_point point)
{
    if (thread->identity == 0) /* in order of arrival: the first is the main thread, most likely */
        thread->identity = perturb_hash(0, __atomic_fetch_add(&process->strangers, 1, __ATOMIC_RELAXED)) | 1;
    uint32_t delay = perturb_delay(process->seed, thread, point,
                                   __atomic_fetch_add(&process->arrivals[point], 1, __ATOMIC_RELAXED));
    if (delay == 0)
        return;
    int saved = errno;
    if (delay > PERTURB_YIELD) {
        uint64_t slept = __atomic_add_fetch(&process->slept, delay, __ATOMIC_RELAXED);
        if (perturb_alone() || slept > 16000 + (perturb_now() - process->began) / 3) {
            __atomic_sub_fetch(&process->slept, delay, __ATOMIC_RELAXED);
            delay = 0;
        }
    }
    if (delay != 0)
        perturb_sleep(delay);
    errno = saved;
}

#endif
