/* Results of tasks reach those who wait for them. */
#include "scenario.h"

static void work_0(void)
{
    the.result[0] = 1;
    waitgroup_done(&the.group);
}

static void work_1(void)
{
    the.result[1] = 1;
    waitgroup_done(&the.group);
}

static void wait_for_both(void)
{
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1 && the.result[1] == 1);
}

static void wait_for_first(void)
{
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1);
}

static void two_dones(void)
{
    waitgroup_add(&the.group, 2);
    start(work_0);
    start(work_1);
    wait_for_both();
}

static void two_waiters(void)
{
    waitgroup_add(&the.group, 1);
    start(wait_for_first);
    start(work_0);
    wait_for_first();
}

static void two_and_two(void)
{
    waitgroup_add(&the.group, 2);
    start(work_0);
    start(work_1);
    start(wait_for_both);
    wait_for_both();
}

/* A delta that is no constant, in one step and in two. */
static void work_negatively(void)
{
    the.result[0] = 1;
    waitgroup_add(&the.group, the.delta);
    the.result[1] = 1;
    waitgroup_add(&the.group, the.delta);
}

static void negative_delta(void)
{
    waitgroup_add(&the.group, 4);
    the.delta = -2;
    start(work_negatively);
    wait_for_both();
}

static void reuse(void)
{
    waitgroup_add(&the.group, 1);
    start(work_0);
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1);
    waitgroup_add(&the.group, 1);
    start(work_1);
    wait_for_both();
}

static void add_nothing(void)
{
    waitgroup_add(&the.group, 0);
}

/* A second release of the same waiter would leave a ticket for the second round. */
static void add_zero(void)
{
    waitgroup_add(&the.group, 1);
    start(add_nothing);
    start(work_0);
    waitgroup_wait(&the.group);
    waitgroup_add(&the.group, 1);
    start(work_1);
    wait_for_both();
}

static void work_and_start_another(void)
{
    waitgroup_add(&the.group, 1);
    start(work_1);
    work_0();
}

static void add_inside(void)
{
    waitgroup_add(&the.group, 1);
    start(work_and_start_another);
    wait_for_both();
}

/* Two threads meet twice: each reads what the other wrote before the first meeting, and writes anew
 * after the second. */
static void meet(int me)
{
    the.result[me] = 1;
    waitgroup_done(&the.group);
    waitgroup_wait(&the.group);
    CHECK(the.result[1 - me] == 1);
    waitgroup_done(&the.second);
    waitgroup_wait(&the.second);
    the.result[me] = 2;
}

static void meet_as_other(void)
{
    meet(1);
}

static void barrier(void)
{
    waitgroup_add(&the.group, 2);
    waitgroup_add(&the.second, 2);
    start(meet_as_other);
    meet(0);
}

/* Who uses the group first remembers it, with strict=1; two may be the first. */
static void add_and_done(void)
{
    waitgroup_add(&the.group, 1);
    waitgroup_done(&the.group);
}

static void first_uses(void)
{
    start(add_and_done);
    start(add_and_done);
    add_and_done();
}

const struct scenario round_scenarios[] = {
    {"two_dones", two_dones, {"sleep"}, {NULL}},
    {"two_waiters", two_waiters, {"sleep"}, {NULL}},
    {"negative_delta", negative_delta, {"sleep"}, {NULL}},
    {"reuse", reuse, {"sleep"}, {NULL}},
    {"add_zero", add_zero, {"sleep"}, {NULL}},
    {"add_inside", add_inside, {"sleep"}, {NULL}},
    {"barrier", barrier, {"sleep"}, {NULL}},
    {"first_uses", first_uses, {NULL}, {NULL}},
    {"two_and_two", two_and_two, {"sleep"}, {NULL}},
    {NULL, NULL, {NULL}, {NULL}},
};
