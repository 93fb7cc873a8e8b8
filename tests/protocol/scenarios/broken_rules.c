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

/* The ticket that lies there is of a waiter of the round before, who has not taken it yet. */
static void late_ticket(void)
{
    the.group.sema = 1;
    waitgroup_add(&the.group, 1);
    start(work_in_second_round);
    waitgroup_wait(&the.group);
    CHECK(the.result[1] == 1);
    reached("unnoticed");
}

const struct scenario broken_rule_scenarios[] = {
    {"late_ticket", late_ticket, {REUSED, "unnoticed"}, {REUSED}},
    {"reused_early", reused_early, {REUSED, "unnoticed", "sleep"}, {REUSED, MISUSE}},
    {NULL, NULL, {NULL}, {NULL}},
};
