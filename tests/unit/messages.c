/* The panics' default, and the reports of waits that block, as a process shows them. */
#define _POSIX_C_SOURCE 200809L
#include "run_child.h"

/* -------------------------------------------------------------------------------------- panics */

#define NO_WAITGROUP "waitgroup: this is no WaitGroup: never initialized, or freed, or overwritten"

static const struct panic {
    const char *options, *scenario, *message;
} panics[] = {
    {NULL, "negative",
     "panic: sync: negative WaitGroup counter\n"
     "  rule: the counter counts tasks: no more Done than Add has announced\n"
     "  cure: give every task one Done"},
    {NULL, "overflow",
     "panic: sync: negative WaitGroup counter\n"
     "  rule: the counter holds at most INT32_MAX tasks; this Add takes it past that, where it turns "
     "negative\n"
     "  cure: look for an Add whose delta is no number of tasks"},
    {NULL, "misuse",
     "panic: sync: WaitGroup misuse: Add called concurrently with Wait\n"
     "  rule: an Add that finds the counter at zero happens before any Wait\n"
     "  cure: call Add before the thread that it counts is started, not inside it, and before Wait; where "
     "requests come at any time, ask \"closed?\" and Add under one lock"},
    {NULL, "reused",
     "panic: sync: WaitGroup is reused before previous Wait has returned\n"
     "  rule: the first Add of a new round happens after every Wait of the round before has returned\n"
     "  cure: let the waiters tell that they are back"},
    {NULL, "null",
     "panic: waitgroup: NULL WaitGroup\n"
     "  rule: every function needs a group\n"
     "  cure: pass the address of a waitgroup_t that is all zero or WAITGROUP_INIT\n"},
#ifdef PARKS_ON_FUTEX
    {NULL, "futex-refused",
     "panic: waitgroup: the system refuses to block a Wait\n"
     "  it says: error 13\n"
     "  rule: on Linux a blocked Wait sleeps in futex(2)"},
    {"stall_after=10", "futex-refused", "  it says: error 13\n"},
#endif
    {"strict=1", "copied", "panic: waitgroup: WaitGroup copied after first use\n  0x"},
    {"strict=1", "copied", " is the group of this call: the copy\n  0x"},
    {"strict=1", "copied",
     " is where it was used first: the original\n"
     "  rule: a group is not copied or moved once it is in use"},
    {"strict=1", "copied", "\n  cure: pass a pointer to the group"},
    {"strict=1", "copied-and-forgotten", "panic: " NO_WAITGROUP "\n"},
};

Test(messages, a_panic_names_rule_and_cure_shows_the_stack_and_aborts)
{
    for (size_t i = 0; i < sizeof panics / sizeof *panics; i++) {
        run(panics[i].options, "child", panics[i].scenario);
        EXPECT_ABORT();
        EXPECT_IN_OUTPUT(panics[i].message);
        EXPECT_IN_OUTPUT("main"); /* in the stack trace: the function that made the call */
    }
}

Test(messages, a_panic_reaches_the_handler_with_its_text)
{
    static const char *const texts[][3] = {
        {NULL, "negative", "handled: sync: negative WaitGroup counter\n"},
        {NULL, "overflow", "handled: sync: negative WaitGroup counter\n"},
        {NULL, "misuse", "handled: sync: WaitGroup misuse: Add called concurrently with Wait\n"},
        {NULL, "reused", "handled: sync: WaitGroup is reused before previous Wait has returned\n"},
        {NULL, "null", "handled: waitgroup: NULL WaitGroup\n"},
        {"strict=1", "copied", "handled: waitgroup: WaitGroup copied after first use\n"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char arguments[64];
        snprintf(arguments, sizeof arguments, "%s handled", texts[i][1]);
        run(texts[i][0], "child", arguments);
        EXPECT_ABORT();
        EXPECT_OUTPUT(texts[i][2]); /* what the handler said, and nothing else */
    }
}

Test(messages, a_panic_in_the_done_of_waitgroup_go_names_the_task, .timeout = 60)
{
    run(NULL, "child", "negative-after-the-task");
    EXPECT_ABORT();
    EXPECT_IN_OUTPUT("panic: sync: negative WaitGroup counter\n");
    const char *const words =
        strstr(output, "  this is the Done that waitgroup_go() calls after the task:\n");
    cr_assert(words != NULL && strstr(words, "count_down_itself") != NULL, "output:\n%s", output);
    run(NULL, "child", "negative");
    EXPECT_NOT_IN_OUTPUT("after the task");
}

Test(messages, a_panic_aborts_also_with_a_cancellation_pending)
{
    run(NULL, "child", "negative-cancelled");
    EXPECT_ABORT();
    EXPECT_IN_OUTPUT("panic: sync: negative WaitGroup counter\n");
}

Test(messages, a_panic_nobody_can_hear_aborts_all_the_same)
{
    run(NULL, "child", "negative-unheard");
    EXPECT_ABORT();
    EXPECT_OUTPUT("");
}

static int occurrences(const char *begin, const char *end, const char *text)
{
    int n = 0;
    for (const char *p = begin; (p = strstr(p, text)) != NULL && p < end; p++)
        n++;
    return n;
}

Test(messages, of_several_panics_at_once_only_the_first_is_printed, .timeout = 60)
{
    run(NULL, "child", "negative-in-several");
    EXPECT_ABORT();
    cr_assert_eq(occurrences(output, output + strlen(output), "panic: "), 1, "%s", output);
}

/* A handler of SIGABRT that panics itself: with no end, neither asleep nor in a circle. */
Test(messages, a_panic_after_a_panic_aborts, .timeout = 60)
{
    run(NULL, "child", "negative-again");
    EXPECT_ABORT();
    cr_assert_eq(occurrences(output, output + strlen(output), "panic: "), 2, "%s", output);
}

Test(strict, what_is_no_copy_is_no_copy)
{
    run("strict=1", "child", "not-copied");
    EXPECT_EXIT(0);
    EXPECT_OUTPUT("ok\n");
}

/* ------------------------------------------------------------------------ memory that is no group */

static const char *const calls[] = {"add", "done", "wait", "clockwait", "go"};
enum { CALLS = sizeof calls / sizeof *calls };

static void use_foreign(const char *options, const char *pattern, const char *call)
{
    char arguments[64];
    snprintf(arguments, sizeof arguments, "foreign %s %s", pattern, call);
    run(options, "child", arguments);
}

Test(foreign, memory_is_named_by_the_first_call_with_strict, .timeout = 60)
{
    static const char *const patterns[] = {
        "a5",
        "5a",
        "ones",
        "sevens",
        "small",
        "pointers",
        "overwritten-race",
        "overwritten-waiters",
        "overwritten-counter",
        "overwritten-tickets",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (int c = 0; c < CALLS; c++) {
            use_foreign("strict=1", patterns[i], calls[c]);
            EXPECT_ABORT();
            EXPECT_IN_OUTPUT("panic: " NO_WAITGROUP "\n  0x");
            EXPECT_IN_OUTPUT("\n  rule: a group is all zero before its first use");
            EXPECT_IN_OUTPUT("\n  cure: initialize it: WAITGROUP_INIT, = {0}, static, or calloc()");
            EXPECT_NOT_IN_OUTPUT("copied");
        }
}

/* Inlined calls look at the word alone, but no such group is ever waited for. */
Test(foreign, memory_is_named_without_strict_where_it_cannot_be_a_group, .timeout = 60)
{
    static const char *const patterns[] = {
        "a5", "5a", "ones", "sevens", "small", "pointers", "overwritten-waiters",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (int c = 0; c < CALLS; c++) {
            use_foreign(NULL, patterns[i], calls[c]);
            EXPECT_ABORT();
            EXPECT_IN_OUTPUT("panic: " NO_WAITGROUP "\n  0x");
        }
    use_foreign(NULL, "overwritten-race", "add");
    EXPECT_ABORT();
    EXPECT_IN_OUTPUT("panic: " NO_WAITGROUP "\n  0x");
}

Test(foreign, memory_that_could_be_a_group_is_called_so_by_a_stall, .timeout = 60)
{
    use_foreign("stall_after=0.05", "overwritten-counter", "add");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT(", counter 8, waiters 1, process ");
    EXPECT_NOT_IN_OUTPUT("never initialized"); /* eight tasks are nothing remarkable */
}

Test(foreign, a_group_is_not_called_so, .timeout = 60)
{
    static const char *const options[] = {NULL, "strict=1", "strict=1:stall_after=100"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        run(options[i], "child", "groups");
        EXPECT_EXIT(0);
        EXPECT_OUTPUT("ok\n");
    }
}

Test(foreign, a_group_overwritten_while_somebody_waits_is_named, .timeout = 60)
{
    run("stall_after=0.05", "child", "stall-overwritten");
    EXPECT_IN_OUTPUT(", counter 0, waiters 0, process ");
    EXPECT_IN_OUTPUT("\n  The group does not know of this wait, which nobody woke: ");
}

/* ------------------------------------------------------------------------------- other processes */

Test(processes, a_group_that_they_share_is_named, .timeout = 60)
{
    run("stall_after=1", "child", "shared");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("nobody woke "); /* a report of the stall, or of the ticket that its end has found */
    EXPECT_IN_OUTPUT(": is the group shared with another process? it is private to one\n");
    EXPECT_IN_OUTPUT("woken\n");
#ifdef PARKS_ON_FUTEX
    EXPECT_IN_OUTPUT("waitgroup: a Wait has been blocked for 1.000 s\n");
    EXPECT_IN_OUTPUT(", counter 0, waiters 0, process ");
    EXPECT_IN_OUTPUT("\n  The counter is 0 and yet nobody woke this wait: ");
#endif
    run(NULL, "child", "shared-deadline");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("waitgroup: nobody woke a Wait when the counter had become 0: is the group shared with "
                     "another process? it is private to one\n  WaitGroup at 0x");
    run("strict=1", "child", "shared");
    EXPECT_ABORT();
    EXPECT_IN_OUTPUT("panic: waitgroup: WaitGroup in memory that is shared between processes\n  rule: ");
}

Test(processes, a_child_is_told_that_it_was_forked, .timeout = 60)
{
    run("stall_after=0.05", "child", "forked-in-use");
    EXPECT_EXIT(0);
    char line[128];
    const char *const ids = strstr(output, "parent ");
    int parent, child;
    cr_assert(ids != NULL && sscanf(ids, "parent %d, child %d", &parent, &child) == 2, "%s", output);
    snprintf(line, sizeof line, ", counter 1, waiters 1, process %d\n", child);
    EXPECT_IN_OUTPUT(line);
    snprintf(line, sizeof line,
             "\n  The process was forked from process %d: if the group was in use by then, it "
             "has inherited the counter",
             parent);
    EXPECT_IN_OUTPUT(line);
    run("stall_after=0.05:strict=1", "child", "forked-in-use");
    EXPECT_IN_OUTPUT(" after the group's first use: it has inherited the counter");
}

Test(processes, a_group_first_used_in_a_child_is_its_own, .timeout = 60)
{
    run("stall_after=0.05:strict=1", "child", "forked-idle");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("waitgroup: a Wait has been blocked for 0.050 s\n");
    EXPECT_NOT_IN_OUTPUT("forked");
}

/* --------------------------------------------------------------------------------------- stall */

Test(stall, a_wait_that_blocks_is_reported_once_and_goes_on, .timeout = 60)
{
    run("stall_after=0.05", "child", "stall");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("waitgroup: a Wait has been blocked for 0.050 s\n  WaitGroup at 0x");
    EXPECT_IN_OUTPUT(", counter 3, waiters 1, process ");
    EXPECT_IN_OUTPUT("\n  rule: every unit that Add has announced needs one Done\n  cure: ");
    EXPECT_IN_OUTPUT("\n  The wait goes on. It is here:\n");
    EXPECT_NOT_IN_OUTPUT("forked");
    EXPECT_NOT_IN_OUTPUT("shared");
    EXPECT_NOT_IN_OUTPUT("never initialized");
    EXPECT_IN_OUTPUT("\nreturned 0, errno kept\n");
}

Test(stall, also_with_a_deadline, .timeout = 60)
{
    run("stall_after=0.05", "child", "stall-then-timeout");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("waitgroup: a Wait has been blocked for 0.050 s\n");
    EXPECT_IN_OUTPUT("\nreturned ETIMEDOUT, errno kept\n");
}

Test(stall, not_before_its_time, .timeout = 60)
{
    run("stall_after=1000000000", "child", "timeout");
    EXPECT_OUTPUT("returned ETIMEDOUT, errno kept\n");
    run("stall_after=1000000000", "child", "release");
    EXPECT_OUTPUT("returned 0, errno kept\n");
    run(NULL, "child", "timeout");
    EXPECT_OUTPUT("returned ETIMEDOUT, errno kept\n");
}

Test(stall, the_report_is_no_cancellation_point, .timeout = 60)
{
    run("stall_after=0.05", "child", "stall-cancelled");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("waitgroup: a Wait has been blocked for 0.050 s\n");
    EXPECT_IN_OUTPUT("\nreturned 0, errno kept\n");
}

Test(stall, a_report_nobody_can_hear_changes_nothing, .timeout = 60)
{
    run("stall_after=0.05", "child", "stall-unheard");
    EXPECT_EXIT(0);
    EXPECT_OUTPUT("returned ETIMEDOUT, errno kept\n");
}

Test(stall, reports_of_several_waits_do_not_interleave, .timeout = 60)
{
    run("stall_after=0.05", "child", "stall-several");
    EXPECT_EXIT(0);
    static const char first_line[] = "waitgroup: a Wait has been blocked for 0.050 s\n";
    int reports = 0;
    for (const char *report = strstr(output, first_line); report != NULL; reports++) {
        const char *const next = strstr(report + 1, first_line);
        const char *const end = next ? next : output + strlen(output);
        cr_assert_eq(occurrences(report, end, "It is here:\n"), 1, "%s", output);
        cr_assert_eq(occurrences(report, end, "wait_among_several"), 1, "report without its stack:\n%s",
                     output);
        report = next;
    }
    cr_assert_eq(reports, 8, "%s", output);
}

Test(stall, says_what_an_unlikely_group_may_be, .timeout = 60)
{
    run("stall_after=0.05", "child", "stall-below-zero");
    EXPECT_IN_OUTPUT(
        "  A counter below zero: a Done too many, whose panic was recovered from, or no group: ");
    run("stall_after=0.05", "child", "stall-at-millions");
    EXPECT_IN_OUTPUT("  If no Add has announced so many, this is no group: ");
    run("stall_after=2", "child", "stall-in-foreign");
    EXPECT_IN_OUTPUT("  This is no group: never initialized, or freed, or overwritten\n");
}
