/* Waiting with a deadline, on both clocks. */
#define _GNU_SOURCE
#include "unit.h"

#include <criterion/parameterized.h>
#include <errno.h>
#include <limits.h>

/* The end of time: the greatest time_t. */
#define FOREVER ((time_t)((UINT64_C(1) << (sizeof(time_t) * CHAR_BIT - 1)) - 1))

static clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};

ParameterizedTestParameters(clockwait, past_deadline)
{
    return cr_make_param_array(clockid_t, clocks, 2);
}

ParameterizedTest(clockid_t *clock, clockwait, past_deadline, .timeout = 60)
{
    static const struct timespec pasts[] = {
        {0, 0}, {0, 999999999}, {-1, 0}, {-1, 999999999}, {-FOREVER - 1, 0}};
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 2);
    for (size_t i = 0; i < sizeof pasts / sizeof *pasts; i++) {
        cr_assert_eq(waitgroup_clockwait(&wg, *clock, &pasts[i]), ETIMEDOUT);
        cr_assert_eq(counter_of(&wg), 2);
        cr_assert_eq(waiters_of(&wg), 0u);
        cr_assert_eq(wg.sema, 0u);
    }
    waitgroup_add(&wg, -2);
    for (size_t i = 0; i < sizeof pasts / sizeof *pasts; i++)
        cr_assert_eq(waitgroup_clockwait(&wg, *clock, &pasts[i]), 0, "zero is zero, however late");
    EXPECT_IDLE(&wg);
}

static struct timespec in_20_ms(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += 20000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

ParameterizedTestParameters(clockwait, does_not_give_up_early)
{
    return cr_make_param_array(clockid_t, clocks, 2);
}

ParameterizedTest(clockid_t *clock, clockwait, does_not_give_up_early, .timeout = 60)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    const struct timespec deadline = in_20_ms(*clock);
    cr_assert_eq(waitgroup_clockwait(&wg, *clock, &deadline), ETIMEDOUT);
    struct timespec now;
    clock_gettime(*clock, &now);
    cr_assert(now.tv_sec > deadline.tv_sec ||
              (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec));
    cr_assert_eq(waiters_of(&wg), 0u);
}

struct wait {
    waitgroup_t *wg;
    clockid_t clock;
    struct timespec deadline;
    int result;
};

static void *wait_until(void *argument)
{
    struct wait *const wait = argument;
    wait->result = waitgroup_clockwait(wait->wg, wait->clock, &wait->deadline);
    return NULL;
}

ParameterizedTestParameters(clockwait, released_before_the_deadline)
{
    return cr_make_param_array(clockid_t, clocks, 2);
}

ParameterizedTest(clockid_t *clock, clockwait, released_before_the_deadline, .timeout = 60)
{
    static waitgroup_t wg;
    struct wait waits[2] = {{&wg, *clock, {FOREVER, 999999999}, -1}, {&wg, *clock, {0, 0}, -1}};
    clock_gettime(*clock, &waits[1].deadline);
    waits[1].deadline.tv_sec += 3600;
    waitgroup_add(&wg, 1);
    const pthread_t endless = start(wait_until, &waits[0]), hour = start(wait_until, &waits[1]);
    await_waiters(&wg, 2);
    waitgroup_done(&wg);
    pthread_join(endless, NULL);
    pthread_join(hour, NULL);
    cr_assert_eq(waits[0].result, 0);
    cr_assert_eq(waits[1].result, 0);
    EXPECT_IDLE(&wg);
}

ParameterizedTestParameters(clockwait, one_gives_up_and_the_others_do_not_notice)
{
    return cr_make_param_array(clockid_t, clocks, 2);
}

ParameterizedTest(clockid_t *clock, clockwait, one_gives_up_and_the_others_do_not_notice, .timeout = 60)
{
    static waitgroup_t wg;
    waitgroup_add(&wg, 1);
    const pthread_t patient = start(wait_in_thread, &wg);
    await_waiters(&wg, 1);
    for (int i = 0; i < 3; i++) {
        struct wait wait = {&wg, *clock, in_20_ms(*clock), -1};
        wait_until(&wait);
        cr_assert_eq(wait.result, ETIMEDOUT);
        cr_assert_eq(counter_of(&wg), 1);
        cr_assert_eq(waiters_of(&wg), 1u);
    }
    waitgroup_done(&wg);
    pthread_join(patient, NULL);
    EXPECT_IDLE(&wg);
}

static const struct mistake {
    clockid_t clock;
    struct timespec deadline;
} mistakes[] = {
    {CLOCK_PROCESS_CPUTIME_ID, {0, 0}},
    {CLOCK_THREAD_CPUTIME_ID, {0, 0}},
    {-1, {0, 0}},
    {12345, {0, 0}},
    {CLOCK_MONOTONIC, {0, -1}},
    {CLOCK_MONOTONIC, {0, 1000000000}},
    {CLOCK_REALTIME, {0, LONG_MAX}},
    {CLOCK_REALTIME, {0, LONG_MIN}},
};

Test(clockwait, mistakes_are_refused_whatever_the_counter)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int counter = 0; counter <= 1; counter++) {
        for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
            cr_assert_eq(waitgroup_clockwait(&wg, mistakes[i].clock, &mistakes[i].deadline), EINVAL,
                         "row %zu", i);
        cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, NULL), EINVAL);
        cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_REALTIME, NULL), EINVAL);
        cr_assert_eq(wg.state, (uint64_t)counter << 32);
        waitgroup_add(&wg, 1);
    }
}
