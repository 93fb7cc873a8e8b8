/* waitgroup_go(): what its caller did reaches the task, by a static parcel or one on the caller's stack,
 * and the task's results reach the wait. */
#include "scenario.h"

#include <errno.h>

static void task(void *argument)
{
    int *const result = argument;
    CHECK(*result == 1); /* prepared by the caller */
    *result = 2;
}

static void go(int *result)
{
    *result = 1;
    CHECK(waitgroup_go(&the.group, task, result) == 0);
}

static void wait_for_both(void)
{
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 2 && the.result[1] == 2);
}

static void go_two(void)
{
    go(&the.result[0]);
    go(&the.result[1]);
    wait_for_both();
}

/* The second is on the stack, or in the first's parcel once that is read. */
static void go_one_parcel(void)
{
    leave_parcels(1);
    go_two();
}

static void go_no_parcel(void)
{
    leave_parcels(0);
    go_two();
}

static void go_second(void)
{
    go(&the.result[1]);
    waitgroup_done(&the.group);
}

static void go_from_two(void)
{
    leave_parcels(1);
    waitgroup_add(&the.group, 1);
    start(go_second);
    go(&the.result[0]);
    wait_for_both();
}

static void never(void *argument)
{
    (void)argument;
    check_failed("a task that was refused does not run");
}

static void end_last_task(void)
{
    waitgroup_done(&the.group);
}

static void wait_and_free(void)
{
    waitgroup_wait(&the.group);
    release_memory(&the.group, sizeof the.group);
}

/* The only other task ends while pthread_create() refuses: then it is the withdrawal in waitgroup_go()
 * that ends the wait, and with it the group's life. */
static void go_fails(void)
{
    waitgroup_add(&the.group, 1);
    start(wait_and_free);
    refuse_threads(end_last_task);
    CHECK(waitgroup_go(&the.group, never, NULL) == EAGAIN);
}

const struct scenario go_scenarios[] = {
    {"go_two", go_two, {"sleep"}, {NULL}},
    {"go_one_parcel", go_one_parcel, {"sleep"}, {NULL}},
    {"go_no_parcel", go_no_parcel, {"sleep"}, {NULL}},
    {"go_from_two", go_from_two, {"sleep"}, {NULL}},
    {"go_fails", go_fails, {"sleep", "refused"}, {NULL}},
    {NULL, NULL, {NULL}, {NULL}},
};
