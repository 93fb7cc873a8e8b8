/* Rule 3 is broken: a round begins before every wait of the one before has returned. That is a panic, the
 * one or the other, or nobody notices; but no wait that returns has a wrong result. */
#include "scenario.h"

#define REUSED "sync: WaitGroup is reused before previous Wait has returned"
#define MISUSE "sync: WaitGroup misuse: Add called concurrently with Wait"

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

static void wait(void)
{
    waitgroup_wait(&the.group);
    CHECK(the.result[0] == 1);
}

static void reused_early(void)
{
    waitgroup_add(&the.group, 1);
    start(wait);
    start(work);
    wait();
    waitgroup_add(&the.group, 1);
    start(work_in_second_round);
    waitgroup_wait(&the.group);
    CHECK(the.result[1] == 1);
    reached("unnoticed");
}

static void wait_until_deadline(void)
{
    static const struct timespec deadline = {1000, 0};
    if (waitgroup_clockwait(&the.group, CLOCK_MONOTONIC, &deadline) == 0)
        CHECK(the.result[0] == 1);
    else
        reached("timed out");
}

/* Who gives up may find a round that is not its own, in which it is not enlisted. */
static void timed_reused_early(void)
{
    waitgroup_add(&the.group, 1);
    start(wait_until_deadline);
    start(work);
    wait();
    waitgroup_add(&the.group, 1);
    start(work_in_second_round);
    waitgroup_wait(&the.group);
    CHECK(the.result[1] == 1);
    reached("unnoticed");
}

/* The ticket that lies there is of a waiter of the round before, who has not taken it yet. */
static void late_ticket(void)
{
    waitgroup_add(&the.group, 1);
    the.group.sema = 1;
    start(work_in_second_round);
    waitgroup_wait(&the.group);
    CHECK(the.result[1] == 1);
    reached("unnoticed");
}

const struct scenario broken_rule_scenarios[] = {
    {"late_ticket", late_ticket, {REUSED, "unnoticed"}, {REUSED}},
    {"reused_early", reused_early, {REUSED, "unnoticed", "sleep"}, {REUSED, MISUSE}},
    {"timed_reused_early", timed_reused_early, {REUSED, "unnoticed", "timed out"}, {REUSED, MISUSE}},
    {NULL, NULL, {NULL}, {NULL}},
};
