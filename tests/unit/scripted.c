/* The protocol on one thread, step by step, with a script in place of the semaphore (script.h). What other
 * threads would do while a thread sleeps, or before it is woken, the script does at just that moment; so
 * every interleaving here is exact and the same each time. */
#include "unit.h"

#include <errno.h>
#include <criterion/redirect.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "script.h"
#include "state.h"

static const struct timespec deadline_of_test = {1, 0};

static uint64_t word(int32_t counter, uint32_t waiters)
{
    return (uint64_t)(uint32_t)counter << 32 | waiters;
}

/* ------------------------------------------------------------------------------------- release */

static int done_by_another(waitgroup_t *wg, const struct timespec *deadline)
{
    (void)deadline;
    waitgroup_done(wg);
    return 0;
}

Test(release, the_sleeper_is_woken_by_the_done_that_comes_meanwhile)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = done_by_another;
    waitgroup_add(&wg, 1);
    waitgroup_wait(&wg);
    cr_assert_eq(script_acquires, 1);
    cr_assert_eq(script_releases, 1);
    cr_assert_eq(script_released, 1u);
    EXPECT_IDLE(&wg);
}

enum { SLEEPERS = 64 };

static int more_sleepers(waitgroup_t *wg, const struct timespec *deadline)
{
    (void)deadline;
    if (script_acquires < SLEEPERS)
        waitgroup_wait(wg); /* the next waiter arrives while this one sleeps */
    else {
        cr_assert_eq(state_waiters(wg->state), (uint32_t)SLEEPERS);
        waitgroup_done(wg);
    }
    return 0;
}

Test(release, one_release_of_exactly_as_many_tickets_as_waiters)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = more_sleepers;
    waitgroup_add(&wg, 1);
    waitgroup_wait(&wg);
    cr_assert_eq(script_releases, 1);
    cr_assert_eq(script_released, (uint32_t)SLEEPERS);
    cr_assert_eq(script_taken, (uint32_t)SLEEPERS);
    EXPECT_IDLE(&wg);
}

static size_t page_size;

static void unmap(waitgroup_t *wg)
{
    cr_assert_eq(wg->state, 0u, "the word is opened before the tickets are out");
    cr_assert_eq(munmap((void *)wg, page_size), 0);
}

static waitgroup_t *map_group(uint64_t state)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    waitgroup_t *wg = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq((void *)wg, MAP_FAILED);
    wg->state = state;
    return wg;
}

Test(release, nothing_of_the_group_is_touched_after_it)
{
    script_on_release = unmap;
    waitgroup_done(map_group(word(1, 3)));
    cr_assert_eq(script_released, 3u);
    waitgroup_add(map_group(word(5, 2)), -5);
    cr_assert_eq(script_released, 5u);
    waitgroup_settle_(map_group(word(0, 4)), -1, word(0, 4)); /* the half that the inline path calls */
    cr_assert_eq(script_released, 9u);
    cr_assert_eq(script_releases, 3);
}

Test(release, zero_added_during_a_release_changes_nothing)
{
    waitgroup_t wg = {word(0, 2), 0, 0}; /* between the last Done's count and its opening */
    waitgroup_add(&wg, 0);
    cr_assert_eq(wg.state, word(0, 2));
    cr_assert_eq(script_releases, 0);
    waitgroup_settle_(&wg, -1, word(0, 2));
    cr_assert_eq(script_releases, 1);
    cr_assert_eq(script_released, 2u);
    EXPECT_IDLE(&wg);
}

Test(release, a_wait_that_comes_during_a_release_does_not_sleep)
{
    waitgroup_t wg = {word(0, 2), 0, 0};
    waitgroup_wait(&wg);
    cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline_of_test), 0);
    cr_assert_eq(script_acquires, 0);
    cr_assert_eq(wg.state, word(0, 2));
}

/* -------------------------------------------------------------------------------------- panics */

Test(panics, an_add_during_a_release_is_misuse)
{
    waitgroup_t wg = {word(0, 1), 0, 0};
    EXPECT_PANIC(MISUSE, &wg, waitgroup_add(&wg, 1));
    cr_assert_eq(script_releases, 0);
}

static void no_task(void *unused)
{
    (void)unused;
}

Test(panics, a_go_during_a_release_is_misuse)
{
    waitgroup_t wg = {word(0, 1), 0, 0};
    EXPECT_PANIC(MISUSE, &wg, (void)!waitgroup_go(&wg, no_task, NULL));
    cr_assert_eq(script_releases, 0);
}

Test(panics, the_releaser_finds_what_a_misuser_did_between_its_count_and_its_opening)
{
    waitgroup_t wg = {word(1, 2), 0, 0};
    /* The two halves of the inline path, and between them the other thread's Add. */
    const volatile uint64_t now = __atomic_sub_fetch(&wg.state, UINT64_C(1) << 32, __ATOMIC_ACQ_REL);
    EXPECT_PANIC(MISUSE, &wg, waitgroup_add(&wg, 1));
    EXPECT_PANIC(MISUSE, &wg, waitgroup_settle_(&wg, -1, now));
    cr_assert_eq(script_releases, 0);
    cr_assert_eq(wg.state, word(1, 2), "the misuser's update is not wiped");
}

static int next_round_begins(waitgroup_t *wg, const struct timespec *deadline)
{
    (void)deadline;
    waitgroup_done(wg);
    waitgroup_add(wg, 1);
    return 0;
}

Test(panics, a_round_that_begins_before_the_sleeper_is_back_is_reuse)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = next_round_begins;
    waitgroup_add(&wg, 1);
    EXPECT_PANIC(REUSED, &wg, waitgroup_wait(&wg));
    waitgroup_done(&wg);
    waitgroup_add(&wg, 1);
    EXPECT_PANIC(REUSED, &wg, (void)!waitgroup_clockwait(&wg, CLOCK_REALTIME, &deadline_of_test));
}

Test(panics, misuse_aborts, .signal = SIGABRT, .init = cr_redirect_stderr)
{
    waitgroup_t wg = {word(0, 1), 0, 0};
    waitgroup_add(&wg, 1);
}

Test(panics, reuse_aborts, .signal = SIGABRT, .init = cr_redirect_stderr)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = next_round_begins;
    waitgroup_add(&wg, 1);
    waitgroup_wait(&wg);
}

/* ----------------------------------------------------------------------------------- deadlines */

static int timeout(waitgroup_t *wg, const struct timespec *deadline)
{
    cr_assert_eq(state_waiters(wg->state), 1u);
    cr_assert_eq((const void *)deadline, (const void *)&deadline_of_test);
    return ETIMEDOUT;
}

Test(deadline, a_timeout_leaves_the_group_as_if_it_had_never_waited)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = timeout;
    waitgroup_add(&wg, 2);
    cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline_of_test), ETIMEDOUT);
    cr_assert_eq(script_acquires, 1);
    cr_assert_eq(wg.state, word(2, 0));
    waitgroup_add(&wg, -2);
    cr_assert_eq(script_releases, 0);
    EXPECT_IDLE(&wg);
}

static int released_as_the_deadline_passes(waitgroup_t *wg, const struct timespec *deadline)
{
    if (deadline == NULL)
        return 0; /* the ticket that is there */
    waitgroup_done(wg);
    return ETIMEDOUT;
}

Test(deadline, one_that_is_released_already_takes_its_ticket)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = released_as_the_deadline_passes;
    waitgroup_add(&wg, 1);
    cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline_of_test), 0);
    cr_assert_eq(script_acquires, 2, "once in time, once for the ticket");
    cr_assert_eq(script_released, 1u);
    cr_assert_eq(script_taken, 1u);
    EXPECT_IDLE(&wg);
}

static uint64_t count_of_the_last_done;

static int counted_as_the_deadline_passes(waitgroup_t *wg, const struct timespec *deadline)
{
    if (deadline != NULL) {
        count_of_the_last_done = __atomic_sub_fetch(&wg->state, UINT64_C(1) << 32, __ATOMIC_ACQ_REL);
        return ETIMEDOUT;
    }
    cr_assert_eq(wg->state, word(0, 1), "it has not taken itself off a word that is about to be opened");
    waitgroup_settle_(wg, -1, count_of_the_last_done);
    return 0;
}

Test(deadline, one_whose_release_is_on_its_way_waits_for_its_ticket)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = counted_as_the_deadline_passes;
    waitgroup_add(&wg, 1);
    cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline_of_test), 0);
    cr_assert_eq(script_released, 1u);
    cr_assert_eq(script_taken, 1u);
    EXPECT_IDLE(&wg);
}

static int second_waiter_gives_up(waitgroup_t *wg, const struct timespec *deadline)
{
    if (deadline != NULL)
        return ETIMEDOUT;
    /* The patient one sleeps; another comes and gives up, then the last Done. */
    cr_assert_eq(waitgroup_clockwait(wg, CLOCK_REALTIME, &deadline_of_test), ETIMEDOUT);
    cr_assert_eq(wg->state, word(1, 1));
    waitgroup_done(wg);
    return 0;
}

Test(deadline, of_two_waiters_the_one_that_gave_up_gets_no_ticket)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = second_waiter_gives_up;
    waitgroup_add(&wg, 1);
    waitgroup_wait(&wg);
    cr_assert_eq(script_released, 1u);
    cr_assert_eq(script_taken, 1u);
    EXPECT_IDLE(&wg);
}

static int next_round_as_the_deadline_passes(waitgroup_t *wg, const struct timespec *deadline)
{
    if (deadline == NULL)
        return 0;
    waitgroup_done(wg);
    waitgroup_add(wg, 1);
    return ETIMEDOUT;
}

Test(deadline, one_that_was_released_into_the_next_round_is_reuse)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = next_round_as_the_deadline_passes;
    waitgroup_add(&wg, 1);
    EXPECT_PANIC(REUSED, &wg, (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline_of_test));
    cr_assert_eq(script_taken, 1u, "its ticket is not left to others");
}

static int broken_by_another(waitgroup_t *wg, const struct timespec *deadline)
{
    cr_assert_neq((const void *)deadline, NULL, "no ticket will come: nothing to wait for without end");
    wg->state = word(-1, 1); /* a Done too many, whose panic its thread has recovered from */
    return ETIMEDOUT;
}

Test(deadline, holds_also_when_others_have_broken_the_group)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = broken_by_another;
    waitgroup_add(&wg, 1);
    cr_assert_eq(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline_of_test), ETIMEDOUT);
    cr_assert_eq(wg.state, word(-1, 0));
}

static int refused_by_the_system(waitgroup_t *wg, const struct timespec *deadline)
{
    (void)wg;
    (void)deadline;
    return EACCES;
}

Test(deadline, is_not_taken_for_passed_when_the_system_refuses_to_block)
{
    waitgroup_t wg = WAITGROUP_INIT;
    script_on_acquire = refused_by_the_system;
    waitgroup_add(&wg, 1);
    EXPECT_PANIC("waitgroup: the system refuses to block a Wait", &wg,
                 (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline_of_test));
}
