/* Every panic that one thread can cause, with its text; and the handler. Those that need an
 * interleaving are in scripted.c, the default's output in messages.c. */
#include "unit.h"

#include <limits.h>
#include <criterion/redirect.h>
#include <signal.h>
#include <stddef.h>

Test(panics, a_done_too_many)
{
    waitgroup_t wg = WAITGROUP_INIT;
    EXPECT_PANIC(NEGATIVE, &wg, waitgroup_done(&wg));
}

Test(panics, more_taken_off_than_added)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 3);
    EXPECT_PANIC(NEGATIVE, &wg, waitgroup_add(&wg, -4));
}

Test(panics, least_int)
{
    waitgroup_t wg = WAITGROUP_INIT;
    EXPECT_PANIC(NEGATIVE, &wg, waitgroup_add(&wg, INT_MIN));
}

Test(panics, past_the_range)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, INT32_MAX);
    EXPECT_PANIC(NEGATIVE, &wg, waitgroup_add(&wg, 1));
}

Test(panics, far_past_the_range)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, INT32_MAX);
    EXPECT_PANIC(NEGATIVE, &wg, waitgroup_add(&wg, INT32_MAX));
}

static void nothing(void *unused)
{
    (void)unused;
}

Test(panics, go_past_the_range)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, INT32_MAX);
    EXPECT_PANIC(NEGATIVE, &wg, (void)!waitgroup_go(&wg, nothing, NULL));
}

/* The compiler, and UBSan, may object to NULL for these parameters: that is what they are declared
 * for. What the library does is to be seen without that. */
__attribute__((no_sanitize("undefined"))) static void call_without_group(int function)
{
    waitgroup_t *volatile none = NULL;
    const struct timespec past = {0, 0};
    switch (function) {
    case 0:
        waitgroup_add(none, 1);
        break;
    case 1:
        waitgroup_add(none, -1);
        break;
    case 2:
        waitgroup_done(none);
        break;
    case 3:
        waitgroup_wait(none);
        break;
    case 4:
        (void)!waitgroup_clockwait(none, CLOCK_MONOTONIC, &past);
        break;
    case 5:
        (void)!waitgroup_clockwait(none, CLOCK_MONOTONIC, NULL); /* before other mistakes */
        break;
    case 6:
        (void)!waitgroup_go(none, nothing, NULL);
        break;
    default:
        (void)!waitgroup_go(none, NULL, NULL);
        break;
    }
}

Test(panics, no_group)
{
    for (volatile int function = 0; function < 8; function++)
        EXPECT_PANIC(NO_GROUP, NULL, call_without_group(function));
}

Test(panics, a_done_too_many_aborts, .signal = SIGABRT, .init = cr_redirect_stderr)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_done(&wg);
}

Test(panics, no_group_aborts, .signal = SIGABRT, .init = cr_redirect_stderr)
{
    call_without_group(3);
}

/* ------------------------------------------------------------------------------------- handler */

static void other_handler(waitgroup_t *wg, const char *message)
{
    (void)wg;
    (void)message;
}

Test(handler, set_returns_the_one_before)
{
    cr_assert_eq(waitgroup_set_panic_handler(recover), NULL);
    cr_assert_eq(waitgroup_set_panic_handler(other_handler), recover);
    cr_assert_eq(waitgroup_set_panic_handler(NULL), other_handler);
    cr_assert_eq(waitgroup_set_panic_handler(NULL), NULL);
}

Test(handler, if_it_returns_the_process_aborts, .signal = SIGABRT, .init = cr_redirect_stderr)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_set_panic_handler(other_handler);
    waitgroup_done(&wg);
}

static int squares[4];

static void square(void *cell)
{
    int *const p = cell;
    *p = (int)((p - squares) * (p - squares));
}

Test(handler, other_groups_work_after_it_has_left_by_longjmp)
{
    static waitgroup_t broken, healthy;
    for (volatile int round = 0; round < 100; round++) {
        EXPECT_PANIC(NEGATIVE, &broken, waitgroup_add(&broken, -1));
        for (int i = 0; i < 4; i++)
            cr_assert_eq(waitgroup_go(&healthy, square, &squares[i]), 0);
        waitgroup_wait(&healthy);
        for (int i = 0; i < 4; i++)
            cr_assert_eq(squares[i], i * i);
        EXPECT_IDLE(&healthy);
    }
}

static void panic_in_thread(void *wg)
{
    jmp_buf *const back = &recovered;
    if (setjmp(*back) == 0)
        waitgroup_add(wg, -1);
}

Test(handler, runs_in_the_thread_that_panicked)
{
    static waitgroup_t broken, tasks;
    waitgroup_set_panic_handler(recover);
    cr_assert_eq(waitgroup_go(&tasks, panic_in_thread, &broken), 0);
    waitgroup_wait(&tasks); /* the task went on after its longjmp, or this would not end */
    cr_assert_str_eq(panic_message, NEGATIVE);
    cr_assert_eq((void *)panic_group, (void *)&broken);
}
