/* A wait that is over before it has enlisted costs neither side a system call: the last Done sees
 * nobody to wake. So a thread that finds tasks unfinished looks on for a short while, if experience
 * says that it pays. There are two ways to look on:
 *
 *   yielding   a few looks, then sched_yield(), and again. The CPU goes to whoever can use it: where
 *              there are more threads than CPUs, to the very task that is waited for. A yield that
 *              comes back at once means that nobody else could run here. But where another process
 *              computes all the time, it takes its whole time slice, 3 ms, before the yield returns.
 *   staying    looks alone. It gives no slice away, but holds a CPU that a task may need.
 *
 * Yielding is better by far until such a stranger takes a slice, and worse by far from then on. So one
 * yield that met a stranger bars yielding, for all threads of the process, fifty times as long as it
 * took: slices then cost about one fiftieth of the time. After that one thread tries it, while the
 * others go on staying until its wait is over without a stranger.
 *
 * Fork-join rounds with 1, 2 and 8 workers, in microseconds, on 2 CPUs: idle, yielding takes 0.5, 1.9 and
 * 6, staying 0.5, 7 and 58, parking at once 32, 45 and 52; with both CPUs busy, yielding without the bar
 * 1200, 2800 and 2400, parking at once 8, 70 and 90. tests/bench/spin_simulation.c runs this file on
 * machines of 1 to 64 CPUs. */
#define _GNU_SOURCE
#include "spin.h"
#include "race.h"
#include "state.h"
#include "static_tls.h"

#include <sched.h>
#ifndef __linux__
#    include <unistd.h>
#endif

/* Looks between two yields, and between two readings of the clock, which cost more than a look: 0.1 us
 * of them. With none, a round with one worker takes 1.1 us instead of 0.5, as each yield is a system call;
 * with 0.7 us of looks, one with two workers takes 3.2 us instead of 1.9, as the CPU is wanted. */
#define LOOKS 8

/* How long a wait looks on at least. Sleep and wake take 8 to 40 us of two CPUs; a yield costs nobody
 * anything while it lasts, a stay holds a CPU. */
#define YIELD_NANOSECONDS 30000
#define STAY_NANOSECONDS  5000

/* After each failure in a row the thread parks twice as often before it tries again, up to MAX_PAUSE
 * times; one success starts anew. But threads that have all gone to sleep would go on so: each finds the
 * others asleep, has to wake them, 18 us for a CPU that slept and 1 us more for each thread, and is asleep
 * itself by the time they are done. So the seldomer a thread tries, the longer it looks on then: where it
 * never pays, that costs 0.08 us for each wait. */
#define NANOSECONDS_PER_WAIT 80
#define MAX_PAUSE            4095

/* A yield to threads that wait like this one takes some microseconds; the shortest slice that Linux gives
 * to a process that computes is 700 us. */
#define SLICE_NANOSECONDS 200000
#define BARRED_FOR        50         /* times the slice */
#define MAX_BARRED        1000000000 /* nanoseconds: the process may have been stopped for minutes */

static STATIC_TLS struct {
    uint16_t pause;   /* waits to park after the next failure */
    uint16_t to_park; /* waits still to park without a try */
} score;

/* Until when yielding is barred, in nanoseconds of the monotonic clock; 0: it is not. Relaxed: it says
 * nothing about other memory, and a stale value costs one slice or one park. */
static uint64_t yields_barred_until;

/* More than one CPU? The CPU that alone is allowed is needed by the very task that is waited for. */
static int has_company;

__attribute__((__constructor__(101))) WAITGROUP_ENTRY_ static void count_cpus(void)
{
#ifdef __linux__
    cpu_set_t allowed;
    /* It fails only where there are more CPUs than the set can hold. */
    has_company = sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) > 1;
#else
    has_company = sysconf(_SC_NPROCESSORS_ONLN) > 1;
#endif
}

WAITGROUP_UNINSTRUMENTED_ static inline void relax_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) && defined(__clang__)
    __builtin_arm_yield();
#endif
}

WAITGROUP_UNINSTRUMENTED_ static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Acquire: pairs with the release of every Done. */
WAITGROUP_UNINSTRUMENTED_ static inline int is_zero(const waitgroup_t *wg)
{
    return state_counter(__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE)) == 0;
}

/* Looks on until the counter is zero or patience ends. Sets *slice to how long the thread was off its
 * CPU, if a stranger had it meanwhile. */
WAITGROUP_UNINSTRUMENTED_ static int look_on(const waitgroup_t *wg, uint64_t now, int yields, uint64_t *slice)
{
    const uint64_t earned = (score.pause + UINT64_C(1)) * NANOSECONDS_PER_WAIT;
    const uint64_t least = yields ? YIELD_NANOSECONDS : STAY_NANOSECONDS;
    const uint64_t limit = now + (earned > least ? earned : least);
    const int looks = has_company ? LOOKS : 1;
    do {
        for (int i = 0; i < looks; i++) {
            if (is_zero(wg))
                return 1;
            relax_cpu();
        }
        if (yields)
            sched_yield();
        const uint64_t before = now;
        now = nanoseconds();
        if (now - before > SLICE_NANOSECONDS)
            *slice = now - before;
    } while (now < limit);
    return is_zero(wg);
}

enum way { YIELDING, TRYING, STAYING };

WAITGROUP_UNINSTRUMENTED_ static enum way choose_way(uint64_t now)
{
    uint64_t until = __atomic_load_n(&yields_barred_until, __ATOMIC_RELAXED);
    if (until == 0)
        return YIELDING;
    /* Moved on, so that the others keep off while this one tries. */
    if (now >= until && __atomic_compare_exchange_n(&yields_barred_until, &until, now + MAX_BARRED, 0,
                                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return TRYING;
    return STAYING;
}

WAITGROUP_UNINSTRUMENTED_ static void learn_of_strangers(enum way way, uint64_t slice)
{
    if (slice != 0) {
        const uint64_t span = slice < MAX_BARRED / BARRED_FOR ? slice * BARRED_FOR : MAX_BARRED;
        __atomic_store_n(&yields_barred_until, nanoseconds() + span, __ATOMIC_RELAXED);
    } else if (way == TRYING) {
        __atomic_store_n(&yields_barred_until, 0, __ATOMIC_RELAXED);
    }
}

WAITGROUP_ENTRY_ int waitgroup_spin_(const waitgroup_t *wg)
{
    /* Under TSan a wait that finds a task unfinished has to enlist: that is where misuse is seen, and
     * whether it is seen must not depend on time. */
    if (race_enabled())
        return 0;
    if (is_zero(wg))
        return 1;
    if (score.to_park != 0) {
        score.to_park--;
        return 0;
    }
    const uint64_t now = nanoseconds();
    const enum way way = choose_way(now);
    if (way == STAYING && !has_company)
        return 0;
    uint64_t slice = 0;
    const int zero = look_on(wg, now, way != STAYING, &slice);
    if (way != STAYING)
        learn_of_strangers(way, slice);
    if (zero) {
        score.pause = 0;
        return 1;
    }
    score.to_park = score.pause;
    score.pause = score.pause < MAX_PAUSE ? (uint16_t)(2 * score.pause + 1) : MAX_PAUSE;
    return 0;
}
