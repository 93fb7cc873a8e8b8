/* The group's memory goes when the last wait has returned. */
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

static void free_after_wait(void)
{
    waitgroup_add(&the.group, 2);
    start(work_0);
    start(work_1);
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1 && the.result[1] == 1);
    release_memory(&the.group, sizeof the.group);
}

static void wait_and_free_as_last(void)
{
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1);
    if (__atomic_sub_fetch(&the.last, 1, __ATOMIC_ACQ_REL) == 0)
        release_memory(&the.group, sizeof the.group);
}

static void last_waiter_frees(void)
{
    the.last = 2;
    waitgroup_add(&the.group, 1);
    start(wait_and_free_as_last);
    start(work_0);
    wait_and_free_as_last();
}

/* The wait sees zero before it has enlisted, or gives up looking and sleeps. */
static void spin_and_free(void)
{
    have_company();
    waitgroup_add(&the.group, 1);
    start(work_0);
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1);
    release_memory(&the.group, sizeof the.group);
}

const struct scenario lifetime_scenarios[] = {
    {"free_after_wait", free_after_wait, {"sleep"}, {NULL}},
    {"last_waiter_frees", last_waiter_frees, {"sleep"}, {NULL}},
    {"spin_and_free", spin_and_free, {"sleep"}, {NULL}},
    {NULL, NULL, {NULL}, {NULL}},
};
