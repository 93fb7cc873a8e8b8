/* What the programs here do in place of real work: time passes. */
#ifndef WORK_H
#define WORK_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <waitgroup.h>

static inline long long microseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* Input and output: the thread sleeps. */
static inline void wait_for_device(long microseconds)
{
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
    nanosleep(&time, NULL);
}

/* Computation: the thread is busy. */
static inline void compute(long microseconds)
{
    long long end = microseconds_now() + microseconds;
    while (microseconds_now() < end)
        ;
}

static inline pthread_t start_thread(void *(*body)(void *), void *arg)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, arg) != 0)
        exit(1);
    return thread;
}

static inline void start_task(waitgroup_t *wg, void (*task)(void *), void *arg)
{
    if (waitgroup_go(wg, task, arg) != 0)
        exit(1);
}

#endif
