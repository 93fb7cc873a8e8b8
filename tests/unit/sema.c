/* The parking seam, by itself. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sema.h"
#ifdef PARKS_ON_FUTEX
#    include <linux/futex.h>
#    include <sys/syscall.h>
#endif

static const struct timespec past = {0, 0};

Test(sema, a_ticket_that_is_there_is_taken_at_once)
{
    uint32_t sema = 2;
    errno = EDOM;
    cr_assert_eq(waitgroup_sema_acquire_(&sema, CLOCK_MONOTONIC, NULL), 0);
    cr_assert_eq(sema, 1u);
    cr_assert_eq(waitgroup_sema_acquire_(&sema, CLOCK_REALTIME, &past), 0, "however late");
    cr_assert_eq(sema, 0u);
    cr_assert_eq(waitgroup_sema_acquire_(&sema, CLOCK_REALTIME, &past), ETIMEDOUT);
    cr_assert_eq(waitgroup_sema_acquire_(&sema, CLOCK_MONOTONIC, &past), ETIMEDOUT);
    cr_assert_eq(sema, 0u);
    cr_assert_eq(errno, EDOM);
}

Test(sema, tickets_add_up)
{
    uint32_t sema = 0;
    errno = EDOM;
    waitgroup_sema_release_(&sema, 1);
    waitgroup_sema_release_(&sema, 2);
    cr_assert_eq(sema, 3u);
    waitgroup_sema_release_(&sema, UINT32_C(0x80000000));
    cr_assert_eq(sema, UINT32_C(0x80000003));
    cr_assert_eq(errno, EDOM);
}

enum { SLEEPERS = 8, PLACES = 64 };

/* Groups whose tickets share a parking place of sema_pthread.c with the first one's. */
static waitgroup_t groups[PLACES + 1];
static int asleep, awake;

static void *sleep_for_ticket(void *sema)
{
    __atomic_add_fetch(&asleep, 1, __ATOMIC_RELEASE);
    waitgroup_sema_acquire_(sema, CLOCK_MONOTONIC, NULL);
    __atomic_add_fetch(&awake, 1, __ATOMIC_RELEASE);
    return NULL;
}

Test(sema, one_release_wakes_as_many_as_it_has_tickets, .timeout = 60)
{
    pthread_t threads[SLEEPERS];
    uint32_t *const sema = &groups[0].sema;
    for (int i = 0; i < SLEEPERS; i++)
        threads[i] = start(sleep_for_ticket, sema);
    await_value(&asleep, SLEEPERS);
    waitgroup_sema_release_(sema, SLEEPERS - 3);
    await_value(&awake, SLEEPERS - 3);
    waitgroup_sema_release_(sema, 3);
    for (int i = 0; i < SLEEPERS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(*sema, 0u);
}

Test(sema, a_number_of_tickets_that_is_no_int_wakes_all, .timeout = 60)
{
    pthread_t threads[SLEEPERS];
    uint32_t *const sema = &groups[0].sema;
    for (int i = 0; i < SLEEPERS; i++)
        threads[i] = start(sleep_for_ticket, sema);
    await_value(&asleep, SLEEPERS);
    waitgroup_sema_release_(sema, UINT32_C(0x80000000));
    for (int i = 0; i < SLEEPERS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(*sema, UINT32_C(0x80000000) - SLEEPERS);
}

Test(sema, stray_wakes_wake_nobody_for_good, .timeout = 60)
{
    uint32_t *const sema = &groups[0].sema;
    const pthread_t thread = start(sleep_for_ticket, sema);
    await_value(&asleep, 1);
    for (int i = 0; i < 1000; i++) {
        waitgroup_sema_release_(&groups[PLACES].sema, 1);
#ifdef PARKS_ON_FUTEX
        syscall(SYS_futex, sema, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
#endif
        sched_yield();
        cr_assert_eq(__atomic_load_n(&awake, __ATOMIC_ACQUIRE), 0);
    }
    cr_assert_eq(groups[PLACES].sema, 1000u, "the neighbour's tickets are the neighbour's");
    waitgroup_sema_release_(sema, 1);
    pthread_join(thread, NULL);
    cr_assert_eq(*sema, 0u);
}

/* ---------------------------------------------------------------------------- what TSan is told */

static int ignoring, most_ignored, deferred_signals_run;

static void acquire(void *unused)
{
    (void)unused;
}

static void ignore_begin(const char *file, int line)
{
    (void)file;
    (void)line;
    if (++ignoring > most_ignored)
        most_ignored = ignoring;
}

static void ignore_end(const char *file, int line)
{
    (void)file;
    (void)line;
    ignoring--;
}

static void atomic32_store(volatile uint32_t *address, uint32_t value, int order)
{
    (void)order;
    *address = value;
    __atomic_add_fetch(&deferred_signals_run, 1, __ATOMIC_RELEASE);
}

static void use_runtime(void)
{
    struct waitgroup_tsan_ runtime;
    memset(&runtime, 0, sizeof runtime);
    runtime.size = sizeof runtime;
    runtime.acquire = acquire;
    runtime.ignore_begin = ignore_begin;
    runtime.ignore_end = ignore_end;
    runtime.atomic32_store = atomic32_store;
    waitgroup_use_tsan_(&runtime);
}

/* Left open, it would hide the user's own synchronization and end the thread with a fatal message. */
Test(sema, synchronization_is_visible_again_on_every_way_out)
{
    uint32_t sema = 1;
    use_runtime();
    cr_assert_eq(waitgroup_sema_acquire_(&sema, CLOCK_MONOTONIC, NULL), 0);
    cr_assert_eq(ignoring, 0);
    cr_assert_eq(waitgroup_sema_acquire_(&sema, CLOCK_REALTIME, &past), ETIMEDOUT);
    cr_assert_eq(ignoring, 0);
    waitgroup_sema_release_(&sema, 1);
    cr_assert_eq(ignoring, 0);
#ifdef PARKS_ON_FUTEX
    cr_assert_eq(most_ignored, 0, "a system call is invisible anyway");
#else
    cr_assert_eq(most_ignored, 1, "pthread calls are not");
#endif
}

#ifdef PARKS_ON_FUTEX
/* TSan runs the handler of a signal, if it came before the sleep, only when it is called again. */
Test(sema, a_sleep_lets_tsan_run_deferred_handlers, .timeout = 60)
{
    static uint32_t sema;
    use_runtime();
    const pthread_t thread = start(sleep_for_ticket, &sema);
    while (__atomic_load_n(&deferred_signals_run, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
    waitgroup_sema_release_(&sema, 1);
    pthread_join(thread, NULL);
}
#endif
