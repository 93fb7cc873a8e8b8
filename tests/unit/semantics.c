/* Go's semantics, and what C asks beyond them. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(waitgroup_t) == 16, "16 bytes");
_Static_assert(_Alignof(waitgroup_t) == 8, "8-aligned");

Test(semantics, zero_bytes_are_a_ready_group)
{
    static waitgroup_t in_bss;
    waitgroup_t initialized = WAITGROUP_INIT, *allocated = calloc(1, sizeof *allocated), set;
    memset(&set, 0, sizeof set);
    waitgroup_t *const all[] = {&in_bss, &initialized, allocated, &set};
    for (int i = 0; i < 4; i++) {
        waitgroup_wait(all[i]);
        waitgroup_add(all[i], 2);
        waitgroup_done(all[i]);
        waitgroup_done(all[i]);
        waitgroup_wait(all[i]);
        EXPECT_IDLE(all[i]);
    }
    free(allocated);
}

Test(semantics, the_counter_is_the_sum_of_the_deltas)
{
    waitgroup_t wg = WAITGROUP_INIT;
    static const int deltas[] = {0, 1, 5, 0, -3, 1000000, -1, 0, -1000002};
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof deltas / sizeof *deltas; i++) {
        waitgroup_add(&wg, deltas[i]);
        sum += deltas[i];
        cr_assert_eq(counter_of(&wg), sum);
    }
    EXPECT_IDLE(&wg);
}

Test(semantics, constant_deltas_count_as_variable_ones)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 0);
    waitgroup_add(&wg, 3);
    waitgroup_add(&wg, -1);
    waitgroup_done(&wg);
    cr_assert_eq(counter_of(&wg), 1);
    waitgroup_add(&wg, -1);
    EXPECT_IDLE(&wg);
}

Test(semantics, the_whole_range_counts)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, INT32_MAX);
    cr_assert_eq(counter_of(&wg), INT32_MAX);
    waitgroup_add(&wg, -INT32_MAX);
    EXPECT_IDLE(&wg);
}

Test(semantics, the_functions_have_addresses)
{
    void (*volatile add)(waitgroup_t *, int) = waitgroup_add;
    void (*volatile done)(waitgroup_t *) = waitgroup_done;
    void (*volatile wait)(waitgroup_t *) = waitgroup_wait;
    waitgroup_t wg = WAITGROUP_INIT;
    add(&wg, 0);
    add(&wg, 2);
    add(&wg, -1);
    done(&wg);
    wait(&wg);
    EXPECT_IDLE(&wg);
}

/* ---------------------------------------------------------------------------------- several threads */

enum { WAITERS = 64 };

static int finished, returned_early;

static void *wait_and_look(void *wg)
{
    waitgroup_wait(wg);
    if (!finished)
        __atomic_store_n(&returned_early, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void release_many(int counted, int by)
{
    static waitgroup_t wg;
    pthread_t threads[WAITERS];
    waitgroup_add(&wg, counted);
    for (int i = 0; i < WAITERS; i++)
        threads[i] = start(wait_and_look, &wg);
    await_waiters(&wg, WAITERS);
    for (int left = counted; left > by; left--)
        waitgroup_done(&wg);
    waitgroup_add(&wg, 0);
    cr_assert_eq(waiters_of(&wg), (uint32_t)WAITERS, "nobody is released before the counter is zero");
    finished = 1;
    waitgroup_add(&wg, -by);
    for (int i = 0; i < WAITERS; i++)
        pthread_join(threads[i], NULL);
    cr_assert(!returned_early);
    EXPECT_IDLE(&wg);
}

Test(semantics, the_last_done_releases_all_waiters, .timeout = 60)
{
    release_many(3, 1);
}

Test(semantics, an_add_of_many_at_once_releases_all_waiters, .timeout = 60)
{
    release_many(7, 5);
}

static int cells[4];

static void fill(void *cell)
{
    ++*(int *)cell;
}

static void wait_for(void *wg)
{
    waitgroup_wait(wg);
}

Test(semantics, a_thousand_rounds, .timeout = 120)
{
    static waitgroup_t tasks, waiters;
    for (int round = 1; round <= 1000; round++) {
        for (int i = 0; i < 4; i++)
            cr_assert_eq(waitgroup_go(&tasks, fill, &cells[i]), 0);
        for (int i = 0; i < 2; i++)
            cr_assert_eq(waitgroup_go(&waiters, wait_for, &tasks), 0);
        waitgroup_wait(&tasks);
        for (int i = 0; i < 4; i++)
            cr_assert_eq(cells[i], round);
        waitgroup_wait(&waiters);
        EXPECT_IDLE(&tasks);
        EXPECT_IDLE(&waiters);
    }
}

static void add_one_more(void *wg)
{
    /* The counter is above zero, as this task is counted: allowed. */
    if (waitgroup_go(wg, fill, &cells[0]) != 0)
        abort();
}

Test(semantics, a_task_may_add_while_it_is_counted_itself, .timeout = 60)
{
    static waitgroup_t wg;
    for (int i = 1; i <= 100; i++) {
        cr_assert_eq(waitgroup_go(&wg, add_one_more, &wg), 0);
        waitgroup_wait(&wg);
        cr_assert_eq(cells[0], i);
    }
}

/* ------------------------------------------------------------------------------------ beyond Go */

static void pass(void *unused)
{
    (void)unused;
}

static void *release_when_waited_for(void *wg)
{
    await_waiters(wg, 1);
    waitgroup_done(wg);
    return NULL;
}

Test(errno_, is_preserved, .timeout = 60)
{
    static waitgroup_t wg;
    const struct timespec past = {0, 0};
    errno = EDOM;
    waitgroup_add(&wg, 1);
    cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &past), ETIMEDOUT);
    cr_assert_eq(errno, EDOM);
    cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, NULL), EINVAL);
    cr_assert_eq(errno, EDOM);
    const pthread_t thread = start(release_when_waited_for, &wg);
    errno = EDOM;
    waitgroup_wait(&wg);
    cr_assert_eq(errno, EDOM);
    pthread_join(thread, NULL);
    errno = EDOM;
    cr_assert_eq(waitgroup_go(&wg, pass, NULL), 0);
    cr_assert_eq(errno, EDOM);
    waitgroup_wait(&wg);
    waitgroup_add(&wg, 1);
    const pthread_t waiter = start(wait_in_thread, &wg);
    await_waiters(&wg, 1);
    errno = EDOM;
    waitgroup_done(&wg);
    cr_assert_eq(errno, EDOM);
    pthread_join(waiter, NULL);
}

static int passed_all;

__attribute__((noinline)) static void call_all_functions(waitgroup_t *wg)
{
    const struct timespec past = {0, 0};
    waitgroup_t other = WAITGROUP_INIT;
    waitgroup_add(&other, 1);
    const int timed_out = waitgroup_clockwait(&other, CLOCK_REALTIME, &past);
    waitgroup_done(&other);
    const int error = waitgroup_go(&other, pass, NULL);
    waitgroup_wait(&other);
    waitgroup_wait(wg); /* blocks */
    passed_all = timed_out == ETIMEDOUT && error == 0;
}

/* Without locals, its own or inlined ones: AddressSanitizer does not notice that cancellation leaves their
 * frame. */
static void *wait_with_cancellation_pending(void *wg)
{
    pthread_cancel(pthread_self());
    call_all_functions(wg);
    pthread_testcancel();
    return NULL;
}

Test(cancellation, no_function_is_a_cancellation_point, .timeout = 60)
{
    static waitgroup_t wg;
    waitgroup_add(&wg, 1);
    const pthread_t thread = start(wait_with_cancellation_pending, &wg);
    await_waiters(&wg, 1);
    waitgroup_done(&wg);
    void *result;
    pthread_join(thread, &result);
    cr_assert(passed_all);
    cr_assert_eq(result, PTHREAD_CANCELED);
    EXPECT_IDLE(&wg);
}

static waitgroup_t signalled;
static int signals;

static void count_signal(int signal)
{
    (void)signal;
    __atomic_add_fetch(&signals, 1, __ATOMIC_RELAXED);
}

static void done_in_handler(int signal)
{
    (void)signal;
    waitgroup_done(&signalled);
}

static void handle(int signal, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler; /* no SA_RESTART: sleeping system calls end in EINTR */
    cr_assert_eq(sigaction(signal, &action, NULL), 0);
}

Test(signals, a_wait_survives_them, .timeout = 60)
{
    handle(SIGUSR1, count_signal);
    waitgroup_add(&signalled, 1);
    const pthread_t thread = start(wait_in_thread, &signalled);
    await_waiters(&signalled, 1);
    for (int i = 1; i <= 100; i++) {
        pthread_kill(thread, SIGUSR1);
        await_value(&signals, i);
        cr_assert_eq(waiters_of(&signalled), 1u);
    }
    waitgroup_done(&signalled);
    pthread_join(thread, NULL);
    EXPECT_IDLE(&signalled);
}

Test(signals, a_handler_may_call_done)
{
    handle(SIGUSR1, done_in_handler);
    waitgroup_add(&signalled, 2);
    raise(SIGUSR1);
    cr_assert_eq(counter_of(&signalled), 1);
    raise(SIGUSR1);
    waitgroup_wait(&signalled);
    EXPECT_IDLE(&signalled);
}

#ifdef PARKS_ON_FUTEX /* with the portable parking a done() that releases somebody takes a mutex */
Test(signals, a_handler_may_release_the_very_wait_that_it_interrupts, .timeout = 60)
{
    handle(SIGUSR1, done_in_handler);
    for (int round = 0; round < 100; round++) {
        waitgroup_add(&signalled, 1);
        const pthread_t thread = start(wait_in_thread, &signalled);
        await_waiters(&signalled, 1);
        pthread_kill(thread, SIGUSR1);
        pthread_join(thread, NULL);
        EXPECT_IDLE(&signalled);
    }
}
#endif
