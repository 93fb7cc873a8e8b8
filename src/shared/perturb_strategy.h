/* Which thread is held up where, and for how long.
 *
 * Whoever repeats a program under many seeds drives it through schedules that it rarely takes by
 * itself. No way of disturbing a schedule is the best, and each hides something that another one
 * finds; hence the seed picks one of several strategies. Each decision is a hash of the seed, the
 * thread's identity and how many points the thread has passed, so that the same seed usually leads to
 * the same schedule again; usually, because the machine has its say too.
 *
 * Pure: the clock and the sleep are in perturb_pass.h. The library's own points (src/perturb.c) and the calls
 * of pthreads (tsan/schedule/delay.c) share both, so that one seed means one strategy. */
#ifndef SHARED_PERTURB_STRATEGY_H
#define SHARED_PERTURB_STRATEGY_H

#include "waitgroup.h"

enum perturb_point {
    PERTURB_TASK_START,
    PERTURB_BEFORE_ADD,
    PERTURB_AFTER_ADD,
    PERTURB_BEFORE_DONE,
    PERTURB_AFTER_DONE,
    PERTURB_BEFORE_WAIT,
    PERTURB_AFTER_WAIT,
    PERTURB_BEFORE_CREATE,
    PERTURB_AFTER_CREATE,
    PERTURB_BEFORE_JOIN,
    PERTURB_AFTER_JOIN,
    PERTURB_BEFORE_LOCK,
    PERTURB_AFTER_LOCK,
    PERTURB_AFTER_UNLOCK,
    PERTURB_BEFORE_SLEEP, /* on a condition variable, a semaphore or a barrier */
    PERTURB_AFTER_SLEEP,
    PERTURB_BEFORE_SIGNAL,
    PERTURB_AFTER_SIGNAL,
    PERTURB_AFTER_DEVICE, /* input, output, or a sleep by the clock */
    PERTURB_POINTS
};

/* What a thread carries along. */
struct perturb_thread {
    uint64_t identity; /* 0: not yet known */
    uint32_t points;   /* passed so far */
    uint32_t children; /* started so far */
};

/* The finalizer of splitmix64: every bit of the result depends on every bit of both arguments. */
WAITGROUP_UNINSTRUMENTED_ static inline uint64_t perturb_hash(uint64_t a, uint64_t b)
{
    uint64_t x = a + 0x9e3779b97f4a7c15u * (b + 1);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* The identity of the next child: the same in every run in which the parent has the same one. */
WAITGROUP_UNINSTRUMENTED_ static inline uint64_t perturb_child(struct perturb_thread *parent)
{
    return perturb_hash(parent->identity, ++parent->children) | 1;
}

#define PERTURB_MAIN (perturb_hash(0, 0) | 1) /* the first thread without an identity from its parent */

#define PERTURB_YIELD 1u /* microseconds: not worth a timer, a yield of the processor */

/* How many microseconds the thread is held up at its next point; 0 for not at all. arrivals counts
 * the calls that came to this point before, of all threads. */
WAITGROUP_UNINSTRUMENTED_ static inline uint32_t perturb_delay(uint64_t seed, struct perturb_thread *thread,
                                                               enum perturb_point point, uint32_t arrivals)
{
    uint64_t pick = perturb_hash(seed, 0);
    int is_main = thread->identity == PERTURB_MAIN;
    uint32_t n = thread->points++;
    uint64_t dice = perturb_hash(perturb_hash(seed, thread->identity), n);
    uint32_t chance = (uint32_t)(dice & 0xffff);
    uint32_t size = (uint32_t)(dice >> 32) % 1000; /* 0 to 999, independent of chance */
    uint64_t character = perturb_hash(perturb_hash(seed, thread->identity), UINT64_MAX);

    if (seed == 0 || pick % 4 == 0)
        return 0; /* a quarter of the seeds: undisturbed, for what any delay would hide */
    /* Late starts find most and cost least, and long delays reach most places: they get the most seeds. */
    switch (pick / 4 % 8) {
    case 0: /* random yields, now and then a longer one */
        return chance < 0x2000 ? 50 + size / 4 : chance < 0x8000 ? PERTURB_YIELD : 0;
    case 1: /* whoever arrives first is overtaken by the next */
        return arrivals % 2 == 0 && perturb_hash(seed, point * 64u + arrivals / 2) % 6 == 0 ? 500 + 4 * size
                                                                                            : 0;
    case 2: /* slow and fast threads; each changes its pace once, as in probabilistic concurrency testing */
        return ((character ^ (n >= character / 2 % 16)) & 1) != 0 && chance < 0x6000 ? 300 + 3 * size : 0;
    case 3:
    case 4: /* delays of 1 to 20 ms, the longer the rarer; fewer, the more points the thread has passed */
        return chance < 0x10000 / (8 + n / 4) ? 1000 + 19 * size * size / 1000 : 0;
    default: /* late starts: of a task, of a thread (its first point), and of the one who started it */
        if (point == PERTURB_TASK_START || (n == 0 && !is_main))
            return chance < 0xa000 ? 500 + 9 * size : 0;
        return point == PERTURB_AFTER_CREATE && chance < 0x4000 ? 200 + 3 * size : 0;
    }
}

#endif
