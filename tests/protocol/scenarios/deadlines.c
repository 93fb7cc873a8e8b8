/* Waits that may give up: the results are theirs only if they have not. */
#include "scenario.h"

#include <errno.h>

static const struct timespec deadline = {1000, 0};

static void work(void)
{
    the.result[0] = 1;
    waitgroup_done(&the.group);
}

static void work_in_second_round(void)
{
    the.result[1] = 1;
    waitgroup_done(&the.group);
}

/* Returns whether the task was waited for. */
static int wait_until_deadline(void)
{
    const int error = waitgroup_clockwait(&the.group, CLOCK_MONOTONIC, &deadline);
    if (error == 0) {
        CHECK(the.result[0] == 1);
        reached(deadline_has_passed() ? "too late to give up" : "in time");
        return 1;
    }
    CHECK(error == ETIMEDOUT);
    reached("timed out");
    return 0;
}

static void wait(void)
{
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1);
}

static void timed(void)
{
    waitgroup_add(&the.group, 1);
    start(work);
    if (!wait_until_deadline())
        wait();
}

static void timed_beside_wait(void)
{
    waitgroup_add(&the.group, 1);
    start(wait);
    start(work);
    wait_until_deadline();
}

/* Only the second wait says that the group is not needed any more. */
static void timed_then_free(void)
{
    waitgroup_add(&the.group, 1);
    start(work);
    wait_until_deadline();
    wait();
    release_memory(&the.group, sizeof the.group);
}

/* What the first round leaves behind, the second would find. */
static void timed_reuse(void)
{
    waitgroup_add(&the.group, 1);
    start(work);
    if (!wait_until_deadline())
        wait();
    waitgroup_add(&the.group, 1);
    start(work_in_second_round);
    waitgroup_wait(&the.group);
    CHECK(the.result[1] == 1);
}

#define WAYS "sleep", "in time", "timed out", "too late to give up"

const struct scenario deadline_scenarios[] = {
    {"timed", timed, {WAYS}, {NULL}},
    {"timed_then_free", timed_then_free, {WAYS}, {NULL}},
    {"timed_reuse", timed_reuse, {WAYS}, {NULL}},
    {"timed_beside_wait", timed_beside_wait, {WAYS}, {NULL}},
    {NULL, NULL, {NULL}, {NULL}},
};
