/* waitgroup.h - Go's sync.WaitGroup for C, whose misuse ThreadSanitizer can see
 *
 * A WaitGroup waits for a collection of tasks to finish. One thread calls waitgroup_add() to set
 * the number of tasks to wait for; each task calls waitgroup_done() when it has finished; and
 * waitgroup_wait() blocks until all of them have.
 *
 *     #include <waitgroup.h>
 *
 *     static waitgroup_t group = WAITGROUP_INIT;
 *     static int squares[8];
 *
 *     static void square(void *cell)
 *     {
 *         int *p = cell;
 *         *p = (int)(p - squares) * (int)(p - squares);
 *     }
 *
 *     int main(void)
 *     {
 *         for (int i = 0; i < 8; i++)
 *             if (waitgroup_go(&group, square, &squares[i]) != 0)
 *                 return 1;
 *         waitgroup_wait(&group);            // every write of every task is visible from here on
 *         return squares[7] == 49 ? 0 : 1;
 *     }
 *
 * THE CONTRACT (the documentation of Go's sync.WaitGroup; the library panics, or ThreadSanitizer
 * reports, where it is broken):
 *   1. The counter never becomes negative: no more done() than add() has announced.
 *   2. An add with a positive delta that finds the counter at zero happens before any wait(): call
 *      it before the thread that it counts is started. (While the counter is above zero, add() is
 *      allowed at any time, also from inside a task. Where requests come at any time: ask "closed?" and
 *      add under one lock, in which the closer closes before it waits.)
 *   3. A group may be used again only after every wait() of the round before has returned.
 *   4. A group is not copied (nor moved) after its first use: pass a pointer.
 * The library's own addition, which C needs and Go does not:
 *   5. The memory of the group is all zero before its first use, is this process's alone, and lives
 *      until the last wait() on the group has returned. From then on, it may be freed, reused or
 *      unmapped at once, even if the done() that released the wait is still on its way out
 *      ("self-synchronized destruction", as POSIX asks of mutexes and semaphores).
 *
 * MEMORY ORDERING (the Go memory model: "a call to Done synchronizes before the return of any Wait
 * call that it unblocks"). Everything that a thread did before an add() with a negative delta, or
 * before a done(), is visible after every wait() that returns because of it, and after every later
 * wait() that finds the counter at zero. Nothing else is ordered: not two done() with each other,
 * not an add() with a positive delta or zero with anything, not a wait() with a later add().
 *
 * THREADSANITIZER. In a program built with -fsanitize=thread the library tells TSan just these
 * orders and no more, so that a data race which the group does not prevent is reported; and it
 * models rule 2 as a conflict, so that an add() concurrent with a wait() is reported as
 * "WaitGroup misuse: Add called concurrently with Wait", with the line of both callers. The same
 * compiled library serves plain and TSan programs. Options, read once at start from the environment
 * variable WAITGROUP_OPTIONS (strict=1 finds that misuse in every interleaving; help=1 lists them),
 * are described in waitgroup-race(7).
 *
 * PANICS. A broken rule that the library sees itself is a panic, also under NDEBUG: one of the
 * messages below goes to the handler of waitgroup_set_panic_handler() or, without one, to standard
 * error together with the rule, the cure and a stack trace; then abort().
 *     sync: negative WaitGroup counter
 *     sync: WaitGroup misuse: Add called concurrently with Wait
 *     sync: WaitGroup is reused before previous Wait has returned
 *     waitgroup: NULL WaitGroup                            (any function, given no group)
 *     waitgroup: this is no WaitGroup: never initialized, or freed, or overwritten
 *     waitgroup: WaitGroup copied after first use          (with strict=1 only)
 *     waitgroup: WaitGroup in memory that is shared between processes    (likewise)
 *     waitgroup: the system refuses to block a Wait        (a seccomp filter, say)
 *
 * All functions may be called from any thread, preserve errno, are no cancellation points, and
 * allocate nothing (but what pthread_create() allocates for waitgroup_go()). A group is private to
 * one process. The names ending in an underscore are not part of the interface. */
#ifndef WAITGROUP_H
#define WAITGROUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h> /* clockid_t, which <time.h> hides from -std=c11 */
#include <time.h>
struct timespec; /* hidden by -std=c99 */

/* The version of this interface; everything else that states a version derives it from here. */
#define WAITGROUP_VERSION_MAJOR 0
#define WAITGROUP_VERSION_MINOR 1
#define WAITGROUP_VERSION_PATCH 0

#ifdef WAITGROUP_BUILDING_
#    define WAITGROUP_API_ __attribute__((__visibility__("default")))
#else
#    define WAITGROUP_API_
#endif

/* For callers: NULL is a mistake that the compiler points out (-Wnonnull). Clang is told by the type,
 * as its optimizer takes the attribute for a promise and drops a path that gives NULL, panic included.
 * gcc has the attribute alone, and keeps the path; but in the function itself it drops the check, so
 * the library's own translation units must not see it. */
#ifdef WAITGROUP_BUILDING_
#    define WAITGROUP_NONNULL_
#    define WAITGROUP_NONNULL_1_
#elif defined(__clang__)
#    define WAITGROUP_NONNULL_ _Nonnull
#    define WAITGROUP_NONNULL_1_
#    pragma clang diagnostic push
#    pragma clang diagnostic ignored "-Wnullability-extension"
#    pragma clang diagnostic ignored "-Wnullability-completeness" /* not all pointers here need it */
#    pragma clang diagnostic ignored "-Wold-style-cast"           /* these two some programs ban from */
#    pragma clang diagnostic ignored "-Wglobal-constructors"      /* their own C++ */
#else
#    define WAITGROUP_NONNULL_
#    define WAITGROUP_NONNULL_1_ __attribute__((__nonnull__(1))) WAITGROUP_READ_1_
#endif

/* A group that has no value yet: gcc is told that the call reads it (-Wmaybe-uninitialized; a call that it
 * inlines tells it less). */
#ifdef __has_attribute
#    if __has_attribute(__access__)
#        define WAITGROUP_READ_1_ __attribute__((__access__(__read_write__, 1)))
#    endif
#endif
#ifndef WAITGROUP_READ_1_
#    define WAITGROUP_READ_1_
#endif

#if (defined(__cplusplus) && __cplusplus >= 201703L) || \
    (defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L)
#    define WAITGROUP_MUST_CHECK_ [[nodiscard]]
#else
#    define WAITGROUP_MUST_CHECK_ __attribute__((__warn_unused_result__))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A group: 16 bytes, 8-aligned. All bytes zero is a group ready for use, so a static group needs no
 * initializer, and calloc() gives a ready group. The fields belong to the library. */
typedef struct waitgroup {
#ifdef __cplusplus
    waitgroup() = default;
    waitgroup(const waitgroup &) = delete; /* rule 4, at compile time */
    waitgroup &operator=(const waitgroup &) = delete;
#endif
    uint64_t state __attribute__((__aligned__(8))); /* counter in bits 63..32 (signed), waiters in 31..0 */
    uint32_t sema;                                  /* tickets that released waiters have still to take */
    uint32_t race;                                  /* where ThreadSanitizer sees add and wait conflict */
} waitgroup_t;

/* The initializer of a group, for any storage: waitgroup_t wg = WAITGROUP_INIT; */
/* clang-format off */
#ifdef __cplusplus
#    define WAITGROUP_INIT {}
#else
#    define WAITGROUP_INIT {0, 0, 0}
#endif
/* clang-format on */

/* Adds delta, which may be negative, to the counter (Go's WaitGroup.Add). When the counter becomes
 * zero, all threads blocked in a wait are released.
 *   Requires  wg is not NULL. A positive delta at counter zero happens before any wait (rule 2), and
 *             after all waits of the round before have returned (rule 3).
 *   Ordering  delta < 0: release, as waitgroup_done(). delta >= 0: none.
 *   Range     the counter holds 0 to INT32_MAX (2147483647).
 *   Fails     panics "sync: negative WaitGroup counter" when the counter falls below zero or rises
 *             past INT32_MAX; "sync: WaitGroup misuse: Add called concurrently with Wait" when it
 *             sees rule 2 broken.
 *   Lifetime  touches nothing of the group after the update that releases the waiters.
 *   Signals   async-signal-safe in a program without ThreadSanitizer, on Linux (the parking of other
 *             systems takes a mutex when there are waiters to release). */
WAITGROUP_API_ void waitgroup_add(waitgroup_t *WAITGROUP_NONNULL_ wg, int delta) WAITGROUP_NONNULL_1_;

/* Counts one task as finished (Go's WaitGroup.Done): waitgroup_add(wg, -1), with all that is said
 * there. Everything the thread did before is visible after each wait that this call releases. */
WAITGROUP_API_ void waitgroup_done(waitgroup_t *WAITGROUP_NONNULL_ wg) WAITGROUP_NONNULL_1_;

/* Blocks until the counter is zero (Go's WaitGroup.Wait). Any number of threads may wait.
 *   Requires  wg is not NULL.
 *   Ordering  acquire: sees all that was done before each done() that brought the counter to zero.
 *   Fails     panics "sync: WaitGroup is reused before previous Wait has returned" when the group
 *             is in its next round as this one wakes (rule 3).
 *   Blocking  survives signals (EINTR) and stray wakes; not a cancellation point. */
WAITGROUP_API_ void waitgroup_wait(waitgroup_t *WAITGROUP_NONNULL_ wg) WAITGROUP_NONNULL_1_;

/* The same with a deadline, in the manner of sem_clockwait(): abstime is an absolute time on clock,
 * which is CLOCK_MONOTONIC or CLOCK_REALTIME.
 *   Returns   0          the counter was zero, or became zero: as waitgroup_wait(). Also with a
 *                        deadline in the past, if the counter is zero.
 *             ETIMEDOUT  the deadline passed first. The group is as if this call had never waited,
 *                        and no order with any done() is given: the results are not yet yours.
 *             EINVAL     another clock, no abstime, or tv_nsec outside 0 to 999999999; nothing
 *                        happened. Checked first, whatever the counter.
 *   Otherwise as waitgroup_wait(). */
WAITGROUP_MUST_CHECK_ WAITGROUP_API_ int
waitgroup_clockwait(waitgroup_t *WAITGROUP_NONNULL_ wg, clockid_t clock,
                    const struct timespec *abstime) WAITGROUP_NONNULL_1_;

/* Runs task(arg) in a new detached thread, counted by the group (Go's WaitGroup.Go): add(1) here,
 * done() when the task has returned, or has left by pthread_exit() or cancellation. The task itself
 * calls no done().
 *   Requires  as waitgroup_add(wg, 1). wg and what arg points to outlive the task.
 *   Ordering  what the caller did before is visible to the task.
 *   Returns   0, or an errno value: EINVAL for no task, else that of pthread_create() (EAGAIN: no
 *             resources for a thread). Then the task does not run and the group is as before. */
WAITGROUP_MUST_CHECK_ WAITGROUP_API_ int waitgroup_go(waitgroup_t *WAITGROUP_NONNULL_ wg,
                                                      void (*task)(void *), void *arg) WAITGROUP_NONNULL_1_;

/* Go's "defer wg.Done()": waitgroup_done(wg) when control leaves the scope in which this stands, by
 * its end, return, break, continue, goto or a C++ exception. What return returns is computed before.
 *
 *     static void *task(void *arg)
 *     {
 *         WAITGROUP_DONE_ON_RETURN(&group);  // first, before anything can return
 *         ...
 *
 *   Requires  a place for a declaration: a block, not the single statement of an if. wg is evaluated
 *             once, there. One on a line. Several in a scope count down in reverse order.
 *   Leaves    by pthread_exit() and cancellation it counts down in C++, and in C if compiled with
 *             -fexceptions (glibc unwinds the stack; others may not). By longjmp(), exit() and
 *             abort() it does not: there call waitgroup_done() before.
 *   Not in a task of waitgroup_go(), which counts it down by itself, also after pthread_exit(). */
#define WAITGROUP_DONE_ON_RETURN(wg)                                   \
    waitgroup_t *const WAITGROUP_PASTE_(waitgroup_deferred_, __LINE__) \
        __attribute__((__cleanup__(waitgroup_deferred_done_), __unused__)) = (wg)

/* A function that is told of a panic instead of the message on standard error: the group (NULL if
 * there was none) and one of the messages above. It may leave by longjmp(), as Go's recover()
 * would: the library holds no lock then, and what TSan knows stays exact; but the group that
 * panicked has broken its contract and should not be used again. If the handler returns, abort()
 * follows without further output: the handler has spoken. It runs in the thread that panicked. */
typedef void (*waitgroup_panic_handler)(waitgroup_t *wg, const char *message);

/* Sets the handler for all threads, NULL for the default, and returns the one before. */
WAITGROUP_API_ waitgroup_panic_handler waitgroup_set_panic_handler(waitgroup_panic_handler handler);

/* A program may define this function to give options in its own source, in the syntax of
 * WAITGROUP_OPTIONS; what the environment says wins. It runs once, before main(). Visible whatever
 * -fvisibility says, or a shared library would not find it. */
const char *waitgroup_default_options(void) __attribute__((__visibility__("default")));

/* ------------------------- not part of the interface from here on ------------------------- */

#define WAITGROUP_PASTE_2_(a, b) a##b
#define WAITGROUP_PASTE_(a, b)   WAITGROUP_PASTE_2_(a, b)

#ifdef __cplusplus
}
#endif

#include "waitgroup/tsan.h" /* WAITGROUP_TSAN_ and, for the library itself, WAITGROUP_ENTRY_ */

#ifdef __cplusplus
extern "C" {
#endif

/* Groups at or below this address take the way out of line. In a plain program it is 0, so that
 * only NULL does; with ThreadSanitizer (or strict=1), and until the library knows, it is the
 * highest address: one comparison asks both. */
extern WAITGROUP_API_ uintptr_t waitgroup_gate_;

WAITGROUP_API_ void waitgroup_add_slow_(waitgroup_t *wg, int delta);
WAITGROUP_API_ void waitgroup_settle_(waitgroup_t *wg, int delta, uint64_t now);
WAITGROUP_API_ void waitgroup_wait_slow_(waitgroup_t *wg);

/* No inline atomics in a program with ThreadSanitizer: in an instrumented function TSan would see them,
 * take them for synchronization of the user's and miss the very races that it is to report. */
#if !WAITGROUP_TSAN_ && !defined(WAITGROUP_BUILDING_)

/* After an add, anything but "counter 0 to INT32_MAX, nobody waits" is settled out of line. */
#    define WAITGROUP_UNSETTLED_ 0x80000000ffffffffu

/* gnu_inline: a body for inlining only, in C and in C++; the symbol is always the library's. */
#    define WAITGROUP_INLINE_ extern inline __attribute__((__gnu_inline__))

WAITGROUP_INLINE_ void waitgroup_add(waitgroup_t *wg, int delta)
{
    if (__builtin_expect((uintptr_t)wg <= waitgroup_gate_, 0)) {
        waitgroup_add_slow_(wg, delta);
        return;
    }
    /* A positive delta publishes nothing. A negative one releases what the task did; it is for the waiters
     * to acquire, from every Done at once (see waitgroup.c). */
    uint64_t change = (uint64_t)(uint32_t)delta << 32;
    uint64_t now = __builtin_constant_p(delta) && delta >= 0
                       ? __atomic_add_fetch(&wg->state, change, __ATOMIC_RELAXED)
                       : __atomic_add_fetch(&wg->state, change, __ATOMIC_RELEASE);
    if (__builtin_expect((now & WAITGROUP_UNSETTLED_) != 0, 0))
        waitgroup_settle_(wg, delta, now);
}

WAITGROUP_INLINE_ void waitgroup_done(waitgroup_t *wg)
{
    waitgroup_add(wg, -1);
}

WAITGROUP_INLINE_ void waitgroup_wait(waitgroup_t *wg)
{
    /* Acquire: pairs with the release in each add of a negative delta. The whole word is compared, as that
     * is one instruction; a release in flight (counter 0, waiters left) is dealt with out of line. */
    if (__builtin_expect(
            (uintptr_t)wg <= waitgroup_gate_ || __atomic_load_n(&wg->state, __ATOMIC_ACQUIRE) != 0, 0))
        waitgroup_wait_slow_(wg);
}

#endif

#ifndef WAITGROUP_BUILDING_
static inline void waitgroup_deferred_done_(waitgroup_t *const *wg)
{
    waitgroup_done(*wg);
}
#endif

#ifdef __cplusplus
}
#endif

#if defined(__clang__) && !defined(WAITGROUP_BUILDING_)
#    pragma clang diagnostic pop
#endif

#endif
