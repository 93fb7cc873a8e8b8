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
 * Yielding is better by far until such a stranger takes a slice, and worse by far from then on. So what is
 * lost in slices is counted, and may be a thirtieth of the time: a process that loses more does not yield
 * until the time for it has passed, it stays. A bar for all threads: where one meets a stranger, others
 * would.
 *
 * Fork-join rounds with 1, 2 and 8 workers, in microseconds, on 2 CPUs: idle, yielding takes 0.36, 1.5 and
 * 5.2, staying 0.5, 7 and 58, parking at once 32, 45 and 52; with both CPUs busy, yielding without the bar
 * 1200, 2800 and 2400, parking at once 8, 70 and 90. tests/bench/spin_simulation.c runs this file on
 * machines of 1 to 64 CPUs. */
#define _GNU_SOURCE
#include "spin.h"
#include "shared/timespec.h"
#include "state.h"
#include "static_tls.h"

#include <sched.h>
#ifndef __linux__
#    include <unistd.h>
#endif

/* Looks between two yields, and between two readings of the clock: the first is alone, and as long as a yield
 * comes back at once, twice as many follow. One that let others run wants to be repeated soon: with 8 looks
 * always, rounds with 1, 2 and 8 workers take 0.43, 1.7 and 6.0 us. But where nobody wants the CPU, yielding
 * is time in the kernel, in which a Done is not seen: with one look always, a Done that comes 1 us after the
 * wait has begun is seen after 0.22 us, with these after 0.17. */
#define MOST_LOOKS 32

/* At once: a yield that lets another thread run takes 1 us and more, one that does not 0.3 us; to it come
 * the looks before it. */
#define SHARED_NANOSECONDS 900

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
 * to a process that computes is 700 us. But Linux makes those who have yielded often wait for those who have
 * not, and so an idle machine has a slice now and then, too: they were 1 to 2 % of the time. With half of
 * that allowed, and no credit, a round with eight workers took 6 to 80 us, from run to run. */
#define SLICE_NANOSECONDS 200000
#define LOSS_SHARE        UINT64_C(30) /* one part in so many may be lost */
#define CREDIT            4000000  /* nanoseconds that may be lost at once, by a process that has lost none */
#define MOST_LOST         50000000 /* in one slice: the process may have been stopped for minutes */

static STATIC_TLS struct {
    uint16_t pause;   /* waits to park after the next failure */
    uint16_t to_park; /* waits still to park without a try */
} score;

/* On the monotonic clock, in nanoseconds: until when yielding is barred, and up to when losses are counted.
 * Relaxed: they say nothing about other memory. Stale values, and updates that overwrite each other, cost a
 * slice or a park. */
static uint64_t yields_barred_until, counted_until;

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
    return timespec_nanoseconds(&now);
}

/* Acquire: pairs with the release of every Done. */
WAITGROUP_UNINSTRUMENTED_ static inline int is_zero(const waitgroup_t *wg)
{
    return state_counter(__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE)) == 0;
}

/* A yield has cost this time. Threads that are off their CPUs at the same time lose it once. */
WAITGROUP_UNINSTRUMENTED_ static void lose(uint64_t from, uint64_t to)
{
    const uint64_t counted = __atomic_load_n(&counted_until, __ATOMIC_RELAXED);
    if (counted >= to)
        return;
    __atomic_store_n(&counted_until, to, __ATOMIC_RELAXED);
    const uint64_t lost = to - (counted > from ? counted : from);
    /* The bar may lie in the past, by as much as the credit allows. */
    const uint64_t least = to > LOSS_SHARE * CREDIT ? to - LOSS_SHARE * CREDIT : 0;
    const uint64_t until = __atomic_load_n(&yields_barred_until, __ATOMIC_RELAXED);
    __atomic_store_n(&yields_barred_until,
                     (until > least ? until : least) + LOSS_SHARE * (lost < MOST_LOST ? lost : MOST_LOST),
                     __ATOMIC_RELAXED);
}

/* Looks on until the counter is zero or patience ends. */
WAITGROUP_UNINSTRUMENTED_ static int look_on(const waitgroup_t *wg, uint64_t now, int yields)
{
    const uint64_t earned = (score.pause + UINT64_C(1)) * NANOSECONDS_PER_WAIT;
    const uint64_t least = yields ? YIELD_NANOSECONDS : STAY_NANOSECONDS;
    const uint64_t limit = now + (earned > least ? earned : least);
    int looks = 1;
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
            lose(before, now);
        if (now - before > SHARED_NANOSECONDS)
            looks = 1;
        else if (has_company && looks < MOST_LOOKS)
            looks *= 2;
    } while (now < limit);
    return is_zero(wg);
}

WAITGROUP_ENTRY_ int waitgroup_spin_(const waitgroup_t *wg)
{
    if (is_zero(wg))
        return 1;
    if (score.to_park != 0) {
        score.to_park--;
        return 0;
    }
    const uint64_t now = nanoseconds();
    const int yields = now >= __atomic_load_n(&yields_barred_until, __ATOMIC_RELAXED);
    if (!yields && !has_company)
        return 0;
    if (look_on(wg, now, yields)) {
        score.pause = 0;
        return 1;
    }
    score.to_park = score.pause;
    score.pause = score.pause < MAX_PAUSE ? (uint16_t)(2 * score.pause + 1) : MAX_PAUSE;
    return 0;
}
