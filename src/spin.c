/* A wait that is over before it has enlisted costs neither side a system call: the last Done sees
 * nobody to wake. So a thread that finds tasks unfinished looks on for a short while, if experience
 * says that it pays. */
#define _GNU_SOURCE
#include "spin.h"
#include "race.h"
#include "state.h"
#include "static_tls.h"

#ifdef __linux__
#    include <sched.h>
#else
#    include <unistd.h>
#endif

/* Short beside what it may save: sleep and wake take 8 to 40 us of two CPUs. */
#define SPIN_NANOSECONDS 5000

/* Two threads that have both gone to sleep once meet asleep ever after: each is woken by the other,
 * which takes 4 us where a CPU is awake and 18 us where it slept (measured on a virtual machine), and
 * by then the other has given up. So a thread that has failed often, and tries seldom, looks longer
 * when it does: fork-join rounds with one worker then take 0.2 us instead of 37. */
#define LONG_SPIN_NANOSECONDS 20000
#define LONG_SPIN_PAUSE       15

/* Looks between two readings of the clock, which cost more than a look. */
#define LOOKS 8

/* After each failure in a row the thread parks twice as often before it tries again. At most this
 * often: where spinning never pays it then costs 20 us in 256 waits, 0.08 us each. One success starts
 * anew, as such a phase has ended. */
#define MAX_PAUSE 255

static STATIC_TLS struct {
    uint8_t pause;   /* waits to park after the next failure */
    uint8_t to_park; /* waits still to park without a try */
} score;

/* More than one CPU? The CPU that alone is allowed is needed by the very task that is waited for.
 * sched_yield() is no cure: it gave it away for milliseconds. */
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

WAITGROUP_UNINSTRUMENTED_ static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Acquire: pairs with the release of every Done. */
WAITGROUP_UNINSTRUMENTED_ static inline int is_zero(const waitgroup_t *wg)
{
    return state_counter(__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE)) == 0;
}

WAITGROUP_UNINSTRUMENTED_ static int becomes_zero(const waitgroup_t *wg)
{
    const int64_t limit =
        nanoseconds() + (score.pause < LONG_SPIN_PAUSE ? SPIN_NANOSECONDS : LONG_SPIN_NANOSECONDS);
    do
        for (int i = 0; i < LOOKS; i++) {
            if (is_zero(wg))
                return 1;
            relax_cpu();
        }
    while (nanoseconds() < limit);
    return 0;
}

WAITGROUP_ENTRY_ int waitgroup_spin_(const waitgroup_t *wg)
{
    /* Under TSan a wait that finds a task unfinished has to enlist: that is where misuse is seen, and
     * whether it is seen must not depend on time. */
    if (!has_company || race_enabled())
        return 0;
    if (is_zero(wg))
        return 1;
    if (score.to_park != 0) {
        score.to_park--;
        return 0;
    }
    if (becomes_zero(wg)) {
        score.pause = 0;
        return 1;
    }
    score.to_park = score.pause;
    score.pause = score.pause < MAX_PAUSE ? (uint8_t)(2 * score.pause + 1) : MAX_PAUSE;
    return 0;
}
