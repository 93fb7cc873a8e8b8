/* What the library says to the process's surroundings, seen from outside: the options, the panics'
 * default, the report of a stall. Each case is a child process (child.c) with an environment. */
#define _POSIX_C_SOURCE 200809L
#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static char output[65536]; /* standard output and error of the last child */
static int status;

static void run(const char *options, const char *program, const char *scenario)
{
    char command[1024];
    /* "exec": the status is the child's own, not a shell's opinion of it. */
    snprintf(command, sizeof command, "exec env %s%s%s %s/%s %s 2>&1",
             options ? "WAITGROUP_OPTIONS='" : "-u ", options ? options : "WAITGROUP_OPTIONS",
             options ? "'" : "", CHILDREN, program, scenario);
    FILE *const pipe = popen(command, "r");
    cr_assert_neq(pipe, NULL);
    output[fread(output, 1, sizeof output - 1, pipe)] = '\0';
    status = pclose(pipe);
}

#define EXPECT_EXIT(code) \
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == (code), "status %#x, output:\n%s", status, output)
#define EXPECT_ABORT() \
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %#x, output:\n%s", status, output)
#define EXPECT_OUTPUT(text)        cr_assert_str_eq(output, text)
#define EXPECT_IN_OUTPUT(text)     cr_assert(strstr(output, text) != NULL, "output:\n%s", output)
#define EXPECT_NOT_IN_OUTPUT(text) cr_assert(strstr(output, text) == NULL, "output:\n%s", output)

/* ------------------------------------------------------------------------------------- options */

static const struct good {
    const char *options, *parsed;
} good[] = {
    {NULL, "0 0 0 0\n"},
    {"", "0 0 0 0\n"},
    {" :,", "0 0 0 0\n"},
    {"strict=1", "1 0 0 0\n"},
    {"strict=true", "1 0 0 0\n"},
    {"strict=yes", "1 0 0 0\n"},
    {"strict=1:strict=0", "0 0 0 0\n"},
    {"strict=1:strict=false", "0 0 0 0\n"},
    {"strict=1:strict=no", "0 0 0 0\n"},
    {"stall_after=10", "0 0 10000000000 0\n"},
    {"stall_after=0.5", "0 0 500000000 0\n"},
    {"stall_after=.000000001", "0 0 1 0\n"},
    {"stall_after=3.", "0 0 3000000000 0\n"},
    {"stall_after=1000000000", "0 0 1000000000000000000 0\n"},
    {"perturb=18446744073709551615", "0 0 0 18446744073709551615\n"},
    {"perturb=42,strict=1 stall_after=2:", "1 0 2000000000 42\n"},
    {"\tperturb=1\nstrict=1\r", "1 0 0 1\n"},
    {"perturb=010", "0 0 0 10\n"},
};

Test(options, are_read_from_the_environment)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        run(good[i].options, "child", "options");
        EXPECT_EXIT(0);
        cr_assert_str_eq(output, good[i].parsed, "%s: %s", good[i].options, output);
    }
}

static const struct bad {
    const char *options, *message;
} bad[] = {
    {"strict",
     "waitgroup: WAITGROUP_OPTIONS: expected key=value, got \"strict\" (help=1 lists the options)\n"},
    {"strikt=1", "waitgroup: WAITGROUP_OPTIONS: unknown option \"strikt\" (help=1 lists the options)\n"},
    {"=1", "waitgroup: WAITGROUP_OPTIONS: unknown option \"\" (help=1 lists the options)\n"},
    {"strict=", "waitgroup: WAITGROUP_OPTIONS: bad value in \"strict=\": strict takes 0 or 1\n"},
    {"strict=2", "waitgroup: WAITGROUP_OPTIONS: bad value in \"strict=2\": strict takes 0 or 1\n"},
    {"help=what", "waitgroup: WAITGROUP_OPTIONS: bad value in \"help=what\": help takes 0 or 1\n"},
    {"report_locks_held=on",
     "waitgroup: WAITGROUP_OPTIONS: bad value in \"report_locks_held=on\": report_locks_held takes 0 or 1\n"},
    {"strict=1:stall_after=soon", "waitgroup: WAITGROUP_OPTIONS: bad value in \"stall_after=soon\": "
                                  "stall_after takes seconds, as 10 or 0.5\n"},
    {"stall_after=-1", "waitgroup: WAITGROUP_OPTIONS: bad value in \"stall_after=-1\": stall_after takes "
                       "seconds, as 10 or 0.5\n"},
    {"stall_after=.", "waitgroup: WAITGROUP_OPTIONS: bad value in \"stall_after=.\": stall_after takes "
                      "seconds, as 10 or 0.5\n"},
    {"stall_after=1.2.3", "waitgroup: WAITGROUP_OPTIONS: bad value in \"stall_after=1.2.3\": stall_after "
                          "takes seconds, as 10 or 0.5\n"},
    {"stall_after=0.0000000001", "waitgroup: WAITGROUP_OPTIONS: bad value in \"stall_after=0.0000000001\": "
                                 "stall_after takes seconds, as 10 or 0.5\n"},
    {"stall_after=1000000000.1", "waitgroup: WAITGROUP_OPTIONS: bad value in \"stall_after=1000000000.1\": "
                                 "stall_after takes seconds, as 10 or 0.5\n"},
    {"stall_after=9999999999999999999",
     "waitgroup: WAITGROUP_OPTIONS: bad value in "
     "\"stall_after=9999999999999999999\": stall_after takes seconds, as 10 or "
     "0.5\n"},
    {"stall_after=99999999999999999999",
     "waitgroup: WAITGROUP_OPTIONS: bad value in "
     "\"stall_after=99999999999999999999\": stall_after takes seconds, as 10 or "
     "0.5\n"},
    {"perturb=18446744073709551616",
     "waitgroup: WAITGROUP_OPTIONS: bad value in \"perturb=18446744073709551616\": "
     "perturb takes 0 to 18446744073709551615\n"},
    {"perturb=99999999999999999999",
     "waitgroup: WAITGROUP_OPTIONS: bad value in \"perturb=99999999999999999999\": "
     "perturb takes 0 to 18446744073709551615\n"},
    {"perturb=",
     "waitgroup: WAITGROUP_OPTIONS: bad value in \"perturb=\": perturb takes 0 to 18446744073709551615\n"},
    {"perturb=1x",
     "waitgroup: WAITGROUP_OPTIONS: bad value in \"perturb=1x\": perturb takes 0 to 18446744073709551615\n"},
};

Test(options, a_mistake_ends_the_process_with_status_2)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        run(bad[i].options, "child", "options");
        EXPECT_EXIT(2);
        cr_assert_str_eq(output, bad[i].message, "%s: %s", bad[i].options, output);
    }
}

Test(options, a_word_without_end_is_a_mistake)
{
    char options[512];
    memset(options, 'x', sizeof options - 1);
    options[sizeof options - 1] = '\0';
    run(options, "child", "options");
    EXPECT_EXIT(2);
    EXPECT_IN_OUTPUT("waitgroup: WAITGROUP_OPTIONS: too long: \"xxx");
}

Test(options, help_lists_every_option_and_goes_on)
{
    run("help=1", "child", "options");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("Options of waitgroup (WAITGROUP_OPTIONS), all 0 by default:\n");
    EXPECT_IN_OUTPUT("\n  strict=0\n      report every Wait");
    EXPECT_IN_OUTPUT("\n  report_locks_held=0\n      report a Wait with a mutex held");
    EXPECT_IN_OUTPUT("\n  stall_after=0\n      report a Wait that blocks so long");
    EXPECT_IN_OUTPUT("\n  perturb=0\n      seed");
    EXPECT_IN_OUTPUT("\n  help=0\n      print this list");
    EXPECT_IN_OUTPUT("\n0 0 0 0\n");
    run("help=0", "child", "options");
    EXPECT_OUTPUT("0 0 0 0\n");
}

Test(options, of_the_program_itself_yield_to_the_environment)
{
    run(NULL, "child-with-defaults", "options");
    EXPECT_OUTPUT("1 0 0 7\n");
    run("strict=0", "child-with-defaults", "options");
    EXPECT_OUTPUT("0 0 0 7\n");
    run(NULL, "child-with-no-defaults", "options");
    EXPECT_OUTPUT("0 0 0 0\n");
    run(NULL, "child-with-bad-defaults", "options");
    EXPECT_EXIT(2);
    EXPECT_OUTPUT(
        "waitgroup: waitgroup_default_options(): unknown option \"strikt\" (help=1 lists the options)\n");
}

Test(options, of_a_user_with_fewer_rights_are_not_obeyed)
{
    run("strict=1", "child-with-more-rights", "options");
    EXPECT_EXIT(0);
    EXPECT_OUTPUT("0 0 0 7\n");
    run("strikt=1", "child-with-more-rights", "options");
    EXPECT_OUTPUT("0 0 0 7\n");
}

Test(options, report_locks_held_says_where_it_cannot_work)
{
    run("report_locks_held=1", "child", "options");
    EXPECT_EXIT(0);
    EXPECT_OUTPUT("waitgroup: report_locks_held=1 has no effect: it needs a program built with the "
                  "-fsanitize=thread of clang 17, gcc 14 or later\n0 1 0 0\n");
}

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
    run("stall_after=0.05", "child", "shared");
    EXPECT_EXIT(0);
    EXPECT_IN_OUTPUT("nobody woke "); /* a report of the stall, or of the ticket that its end has found */
    EXPECT_IN_OUTPUT(": is the group shared with another process? it is private to one\n");
    EXPECT_IN_OUTPUT("woken\n");
#ifdef PARKS_ON_FUTEX
    EXPECT_IN_OUTPUT("waitgroup: a Wait has been blocked for 0.050 s\n");
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
