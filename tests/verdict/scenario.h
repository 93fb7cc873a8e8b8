/* What a scenario needs besides the public header: threads, order without an edge, and the last act.
 *
 * A scenario asks one question. Its directory is its verdict in default mode, and its head line says
 *   question:  what is asked
 *   rule:      which rule of the contract it is about: a key of the table in tests/go/conformance.py
 *   mirrors:   the tests of Go's own suite that ask the same, with (Go VERSION) since when, if not
 *              always; -: they do not ask it; or
 *              "none, REASON": the scenario cannot be written in Go
 *   expect:    race/: KIND in FUNCTION[, FUNCTION]; panic/: the message; norace/: no race
 *   strict:    the same for strict=1, if it differs (panic: MESSAGE for a panic; two reports between
 *              semicolons have to come both)
 *   options:   WAITGROUP_OPTIONS in both modes, if any
 *   prints:    what its output contains, if anything
 *   go:        what Go does, if it differs: panic: MESSAGE, or "may panic: MESSAGE" where it depends on
 *              the scheduling
 *   go before VERSION: what it did before that version, if that differs
 * Shared data has external linkage: the stores to a static that is never read are optimized away. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "../asleep.h"

#include <waitgroup.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* TSan's own barrier, which orders threads in time and makes no happens-before edge. */
void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count);
void __tsan_testonly_barrier_wait(unsigned long long *barrier);

typedef unsigned long long moment_t;

/* All of `count` threads pass a moment together. Made in main before there are threads. */
static inline void moment_init(moment_t *moment, unsigned count)
{
    __tsan_testonly_barrier_init(moment, count);
}

static inline void moment_pass(moment_t *moment)
{
    __tsan_testonly_barrier_wait(moment);
}

static inline pthread_t thread_start(void *(*body)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, NULL) != 0) {
        perror("pthread_create");
        exit(3);
    }
    return thread;
}

static inline void thread_join(pthread_t thread)
{
    if (pthread_join(thread, NULL) != 0)
        exit(3);
}

#if defined(__clang__)
#    define UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation, noinline, unused))
#else
#    define UNINSTRUMENTED __attribute__((no_sanitize_thread, noinline, unused))
#endif

/* Returns when `count` threads are enlisted as waiters of the group: they block, or are about to.
 * Uninstrumented, so that TSan sees no synchronization. */
UNINSTRUMENTED static void until_blocked(const waitgroup_t *wg, uint32_t count)
{
    while ((uint32_t)__atomic_load_n(&wg->state, __ATOMIC_RELAXED) != count)
        sched_yield();
}

/* A deadline that ends the scenario, not the mistake: half a second from now, on CLOCK_MONOTONIC. */
static inline struct timespec deadline_soon(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += time.tv_nsec >= 500000000;
    time.tv_nsec = (time.tv_nsec + 500000000) % 1000000000;
    return time;
}

/* The last act: without it, a crash could pass for a clean run. */
static inline int done(void)
{
    puts("DONE");
    return 0;
}

#endif
