/* WAITGROUP_OPTIONS and waitgroup_default_options(), as a process meets them. */
#define _POSIX_C_SOURCE 200809L
#include "run_child.h"

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

Test(options, perturb_changes_nothing_without_ThreadSanitizer)
{
    run("perturb=7", "child", "release");
    EXPECT_EXIT(0);
    EXPECT_OUTPUT("returned 0, errno kept\n");
}
