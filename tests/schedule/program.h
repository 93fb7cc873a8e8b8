/* What the programs share. -DBUG=N builds the N-th mistake in, 0 none. */
#ifndef PROGRAM_H
#define PROGRAM_H

#ifndef _GNU_SOURCE
#    define _GNU_SOURCE
#endif
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifndef BUG
#    define BUG 0
#endif

#ifdef __cplusplus
extern "C" {
#endif
void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count);
void __tsan_testonly_barrier_wait(unsigned long long *barrier);
#ifdef __cplusplus
}
#endif

/* A mistake that shows in few orders: with LED in the environment, TSan's invisible barrier leads the two
 * threads that call meet() into such an order, so that plain TSan shows it, too. A scheduler needs no lead.
 */
static unsigned long long meeting_point;
static int led;

__attribute__((constructor)) static void prepare_meeting(void)
{
    led = getenv("LED") != NULL;
    if (led)
        __tsan_testonly_barrier_init(&meeting_point, 2);
}

static inline void meet(int really)
{
    if (really && led)
        __tsan_testonly_barrier_wait(&meeting_point);
}

/* For an order in which one is already asleep in the kernel, where nobody can meet. */
static inline void nap_if_led(void)
{
    if (led)
        usleep(200000);
}

static inline pthread_t start(void *(*body)(void *), void *arg)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, arg) != 0)
        abort();
    return thread;
}

static inline void join(pthread_t thread)
{
    if (pthread_join(thread, NULL) != 0)
        abort();
}

/* The body in a thread of its own, beside the caller's in main. */
static inline void beside(void *(*body)(void *))
{
    pthread_t thread = start(body, NULL);
    body(NULL);
    join(thread);
}

/* That many seconds from now. Nothing below waits so long: under a scheduler, time is virtual. */
static inline struct timespec in_seconds(clockid_t clock, long seconds)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_sec += seconds;
    return time;
}

#endif
