/* The syntax is that of TSAN_OPTIONS. */
#define _GNU_SOURCE /* secure_getenv() */
#include "options.h"
#include "shared/option_syntax.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *waitgroup_default_options(void) __attribute__((__weak__));

struct waitgroup_options_ waitgroup_options_;

static int help;

/* Each parser stores the value and returns 1, or returns 0. */
WAITGROUP_ENTRY_ static int parse_switch(const char *value, void *target)
{
    static const char *const words[][3] = {{"0", "false", "no"}, {"1", "true", "yes"}};
    for (int on = 0; on <= 1; on++)
        for (int i = 0; i < 3; i++)
            if (strcmp(value, words[on][i]) == 0) {
                *(int *)target = on;
                return 1;
            }
    return 0;
}

WAITGROUP_ENTRY_ static int parse_number(const char *value, void *target)
{
    return option_number(value, target);
}

/* Seconds up to 10^9, with up to nine decimals, to nanoseconds. */
WAITGROUP_ENTRY_ static int parse_seconds(const char *value, void *target)
{
    uint64_t nanoseconds = 0;
    int digits = 0, decimals = -1;
    for (; *value != '\0'; value++) {
        if (*value == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*value < '0' || *value > '9' || digits > 18 || decimals == 9)
            return 0;
        nanoseconds = nanoseconds * 10 + (uint64_t)(*value - '0');
        digits++;
        if (decimals >= 0)
            decimals++;
    }
    if (digits == 0)
        return 0;
    for (int i = decimals < 0 ? 0 : decimals; i < 9; i++)
        if (__builtin_mul_overflow(nanoseconds, 10u, &nanoseconds))
            return 0;
    if (nanoseconds > UINT64_C(1000000000) * 1000000000)
        return 0;
    *(uint64_t *)target = nanoseconds;
    return 1;
}

static const struct option {
    const char *name;
    int (*parse)(const char *value, void *target);
    void *target;
    const char *values;
    const char *text;
} options[] = {
    {"strict", parse_switch, &waitgroup_options_.strict, "0 or 1",
     "report every Wait that is unordered with an Add from zero, not only the first that blocks; panic "
     "when a group is a copy, was not zero at first, or makes a wait block in memory that processes share"},
    {"report_locks_held", parse_switch, &waitgroup_options_.report_locks_held, "0 or 1",
     "report a Wait with a mutex held (programs with ThreadSanitizer of clang 17, gcc 14 or later)"},
    {"stall_after", parse_seconds, &waitgroup_options_.stall_after, "seconds, as 10 or 0.5",
     "report a Wait that blocks so long, and go on waiting; 0: never"},
    {"perturb", parse_number, &waitgroup_options_.perturb, "0 to 18446744073709551615",
     "seed of random delays around the calls (programs with ThreadSanitizer only); 0: none"},
    {"help", parse_switch, &help, "0 or 1", "print this list"},
};

WAITGROUP_ENTRY_ static void print_help(void)
{
    waitgroup_report_("Options of waitgroup (WAITGROUP_OPTIONS), all 0 by default:\n");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        waitgroup_report_("  %s=0\n      %s (%s)\n", options[i].name, options[i].text, options[i].values);
}

WAITGROUP_ENTRY_ __attribute__((__noreturn__)) static void refuse(const char *source, const char *what,
                                                                  const char *word, const char *hint)
{
    waitgroup_report_("waitgroup: %s: %s \"%s\"%s\n", source, what, word, hint);
    _exit(2);
}

WAITGROUP_ENTRY_ static void parse_word(const char *source, char *word)
{
    char *equals = strchr(word, '=');
    if (equals == NULL)
        refuse(source, "expected key=value, got", word, " (help=1 lists the options)");
    *equals = '\0';
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(word, options[i].name) == 0) {
            if (options[i].parse(equals + 1, options[i].target))
                return;
            *equals = '=';
            waitgroup_report_("waitgroup: %s: bad value in \"%s\": %s takes %s\n", source, word,
                              options[i].name, options[i].values);
            _exit(2);
        }
    refuse(source, "unknown option", word, " (help=1 lists the options)");
}

WAITGROUP_ENTRY_ static void parse_text(const char *source, const char *text)
{
    for (;;) {
        text += strspn(text, OPTION_SEPARATORS);
        size_t length = strcspn(text, OPTION_SEPARATORS);
        if (length == 0)
            return;
        char word[256];
        if (length >= sizeof word)
            refuse(source, "too long:", text, "");
        memcpy(word, text, length);
        word[length] = '\0';
        parse_word(source, word);
        text += length;
    }
}

/* A program that has more rights than its user (set-user-ID, say) does not obey the user's environment. */
WAITGROUP_ENTRY_ static const char *environment(const char *name)
{
#ifdef __linux__
    return secure_getenv(name);
#else
    return getuid() == geteuid() && getgid() == getegid() ? getenv(name) : NULL;
#endif
}

WAITGROUP_ENTRY_ void waitgroup_options_parse_(void)
{
    if (waitgroup_default_options) {
        const char *text = waitgroup_default_options();
        if (text)
            parse_text("waitgroup_default_options()", text);
    }
    const char *text = environment("WAITGROUP_OPTIONS");
    if (text)
        parse_text("WAITGROUP_OPTIONS", text);
    if (help)
        print_help();
}
