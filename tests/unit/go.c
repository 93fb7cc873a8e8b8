/* waitgroup_go. The linker's --wrap puts the functions here between the library and libc, so that
 * a start can fail, or be held up, when a test wants it. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*routine)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*routine)(void *),
                          void *argument);
int __real_pthread_attr_init(pthread_attr_t *attr);
int __wrap_pthread_attr_init(pthread_attr_t *attr);

static int create_error, attr_error;
static void (*before_create_fails)(void);
static int hold_starts; /* while set, new threads do not begin */
static int held;
static int seen_detached;

struct held_start {
    void *(*routine)(void *);
    void *argument;
};

static void *begin_held(void *argument)
{
    struct held_start start = *(struct held_start *)argument;
    free(argument);
    __atomic_add_fetch(&held, 1, __ATOMIC_RELEASE);
    await_value(&hold_starts, 0);
    return start.routine(start.argument);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*routine)(void *),
                          void *argument)
{
    if (attr != NULL) /* the library's; the tests' own threads have none */
        pthread_attr_getdetachstate(attr, &seen_detached);
    if (attr != NULL && create_error) {
        if (before_create_fails)
            before_create_fails();
        errno = ENOMEM; /* as the mmap() of a stack leaves it */
        return create_error;
    }
    if (attr == NULL || !hold_starts)
        return __real_pthread_create(thread, attr, routine, argument);
    struct held_start *const start = malloc(sizeof *start);
    *start = (struct held_start){routine, argument};
    return __real_pthread_create(thread, attr, begin_held, start);
}

int __wrap_pthread_attr_init(pthread_attr_t *attr)
{
    return attr_error ? attr_error : __real_pthread_attr_init(attr);
}

/* ------------------------------------------------------------------------------------------------ */

static waitgroup_t wg;
static int runs;

static void run(void *counter)
{
    __atomic_add_fetch((int *)counter, 1, __ATOMIC_RELAXED);
}

Test(go, runs_the_task_with_its_argument_in_a_detached_thread, .timeout = 60)
{
    cr_assert_eq(waitgroup_go(&wg, run, &runs), 0);
    waitgroup_wait(&wg);
    cr_assert_eq(runs, 1);
    cr_assert_eq(seen_detached, PTHREAD_CREATE_DETACHED);
    EXPECT_IDLE(&wg);
}

Test(go, no_task_is_refused)
{
    cr_assert_eq(waitgroup_go(&wg, NULL, &runs), EINVAL);
    EXPECT_IDLE(&wg);
}

Test(go, counts_beside_add, .timeout = 60)
{
    waitgroup_add(&wg, 1);
    cr_assert_eq(waitgroup_go(&wg, run, &runs), 0);
    while (counter_of(&wg) != 1)
        sched_yield();
    cr_assert_eq(runs, 1);
    waitgroup_done(&wg);
    waitgroup_wait(&wg);
    EXPECT_IDLE(&wg);
}

static void leave_by_exit(void *counter)
{
    run(counter);
    pthread_exit(NULL);
}

static void leave_by_cancellation(void *counter)
{
    run(counter);
    pthread_cancel(pthread_self());
    pthread_testcancel();
}

Test(go, a_task_that_leaves_otherwise_is_counted_down_too, .timeout = 60)
{
    cr_assert_eq(waitgroup_go(&wg, leave_by_exit, &runs), 0);
    waitgroup_wait(&wg);
    cr_assert_eq(waitgroup_go(&wg, leave_by_cancellation, &runs), 0);
    waitgroup_wait(&wg);
    cr_assert_eq(runs, 2);
    EXPECT_IDLE(&wg);
}

Test(go, a_thread_that_cannot_be_created_leaves_the_group_as_before)
{
    create_error = EAGAIN;
    for (int i = 0; i < 1000; i++) { /* more often than there are parcels: none is lost */
        errno = EDOM;
        cr_assert_eq(waitgroup_go(&wg, run, &runs), EAGAIN);
        cr_assert_eq(errno, EDOM);
        EXPECT_IDLE(&wg);
    }
    waitgroup_add(&wg, 5);
    cr_assert_eq(waitgroup_go(&wg, run, &runs), EAGAIN);
    cr_assert_eq(counter_of(&wg), 5);
    cr_assert_eq(runs, 0);
}

Test(go, attributes_that_cannot_be_made_leave_the_group_as_before)
{
    attr_error = ENOMEM;
    cr_assert_eq(waitgroup_go(&wg, run, &runs), ENOMEM);
    EXPECT_IDLE(&wg);
}

static pthread_t waiter;

static void somebody_waits(void)
{
    waiter = start(wait_in_thread, &wg);
    await_waiters(&wg, 1);
}

Test(go, one_who_began_to_wait_for_a_start_that_fails_is_released, .timeout = 60)
{
    create_error = EAGAIN;
    before_create_fails = somebody_waits;
    cr_assert_eq(waitgroup_go(&wg, run, &runs), EAGAIN);
    pthread_join(waiter, NULL);
    EXPECT_IDLE(&wg);
}

enum { PARCELS = 64, STARTERS = 8 };

static int starter_errors;

static void *start_one(void *unused)
{
    (void)unused;
    if (waitgroup_go(&wg, run, &runs) != 0)
        __atomic_add_fetch(&starter_errors, 1, __ATOMIC_RELAXED);
    return NULL;
}

Test(go, more_starts_under_way_than_there_are_parcels, .timeout = 60)
{
    pthread_t starters[STARTERS];
    for (int round = 1; round <= 3; round++) {
        held = 0;
        __atomic_store_n(&hold_starts, 1, __ATOMIC_RELEASE);
        for (int i = 0; i < PARCELS; i++)
            cr_assert_eq(waitgroup_go(&wg, run, &runs), 0);
        for (int i = 0; i < STARTERS; i++) /* each blocks, until its thread has read its parcel */
            starters[i] = start(start_one, NULL);
        await_value(&held, PARCELS + STARTERS);
        cr_assert_eq(counter_of(&wg), PARCELS + STARTERS);
        __atomic_store_n(&hold_starts, 0, __ATOMIC_RELEASE);
        for (int i = 0; i < STARTERS; i++)
            pthread_join(starters[i], NULL);
        waitgroup_wait(&wg);
        cr_assert_eq(runs, round * (PARCELS + STARTERS));
        cr_assert_eq(starter_errors, 0);
        EXPECT_IDLE(&wg);
    }
}

Test(go, a_start_that_fails_when_no_parcel_is_left, .timeout = 60)
{
    hold_starts = 1;
    for (int i = 0; i < PARCELS; i++)
        cr_assert_eq(waitgroup_go(&wg, run, &runs), 0);
    create_error = EAGAIN;
    cr_assert_eq(waitgroup_go(&wg, run, &runs), EAGAIN);
    cr_assert_eq(counter_of(&wg), PARCELS);
    __atomic_store_n(&hold_starts, 0, __ATOMIC_RELEASE);
    waitgroup_wait(&wg);
    cr_assert_eq(runs, PARCELS);
}
