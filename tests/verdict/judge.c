/* A run's output is searched for what the head line asks for; the exit status alone is no verdict. */
#define _GNU_SOURCE
#include "judge.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Copies the value of "key: value" up to " | " or the end of the comment. */
static int field(const char *head, const char *key, char *value, size_t size)
{
    char pattern[32];
    snprintf(pattern, sizeof pattern, " %s: ", key);
    const char *start = strstr(head, pattern);
    if (start == NULL)
        return 0;
    start += strlen(pattern);
    const char *end = strstr(start, " | ");
    if (end == NULL)
        end = strstr(start, " */");
    if (end == NULL || (size_t)(end - start) >= size)
        return 0;
    memcpy(value, start, (size_t)(end - start));
    value[end - start] = '\0';
    return 1;
}

/* KIND in FUNCTION[, FUNCTION], for each report that has to come, between semicolons. */
static int parse_race(const char *text, struct expectation *expected)
{
    expected->kind = RACE;
    for (struct report *report = expected->reports; report < expected->reports + REPORTS; report++) {
        const char *end = text + strcspn(text, ";");
        const char *in = strstr(text, " in ");
        if (in == NULL || in > end ||
            (strncmp(text, "data race in ", 13) != 0 && strncmp(text, "WaitGroup misuse in ", 20) != 0))
            return 0;
        snprintf(report->kind, sizeof report->kind, "%.*s", (int)(in - text), text);
        snprintf(report->functions, sizeof report->functions, " %.*s ", (int)(end - in - 4), in + 4);
        for (char *comma; (comma = strchr(report->functions, ','));)
            memmove(comma, comma + 1, strlen(comma));
        if (*end == '\0')
            return 1;
        text = end + strspn(end, "; ");
    }
    return 0;
}

static int parse_panic(const char *text, struct expectation *expected)
{
    expected->kind = PANIC;
    return snprintf(expected->message, sizeof expected->message, "%s", text) < (int)sizeof expected->message;
}

static int parse_strict(const char *text, struct expectation *expected)
{
    memset(expected, 0, sizeof *expected);
    if (strcmp(text, "no race") == 0)
        return expected->kind = NORACE, 1;
    if (strncmp(text, "panic: ", 7) == 0)
        return parse_panic(text + 7, expected);
    return parse_race(text, expected);
}

int scenario_read(const char *path, struct scenario *scenario)
{
    memset(scenario, 0, sizeof *scenario);
    char head[1024] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(head, sizeof head, file) == NULL) {
        perror(path);
        if (file)
            fclose(file);
        return -1;
    }
    fclose(file);

    const char *slash = strrchr(path, '/');
    while (slash && slash > path && slash[-1] != '/')
        slash--;
    snprintf(scenario->name, sizeof scenario->name, "%s", slash ? slash : path);
    char *suffix = strrchr(scenario->name, '.');
    if (suffix)
        *suffix = '\0';

    char for_readers[200], expect[200], strict[200];
    int well_formed = field(head, "question", for_readers, sizeof for_readers) &&
                      field(head, "mirrors", for_readers, sizeof for_readers) &&
                      field(head, "expect", expect, sizeof expect);
    if (strncmp(scenario->name, "norace/", 7) == 0)
        well_formed = well_formed && strcmp(expect, "no race") == 0;
    else if (strncmp(scenario->name, "race/", 5) == 0)
        well_formed = well_formed && parse_race(expect, &scenario->by_default);
    else
        well_formed = well_formed && parse_panic(expect, &scenario->by_default);
    scenario->strict = scenario->by_default;
    if (strstr(head, " strict: "))
        well_formed = well_formed && field(head, "strict", strict, sizeof strict) &&
                      parse_strict(strict, &scenario->strict);
    if (strstr(head, " options: "))
        well_formed = well_formed && field(head, "options", scenario->options, sizeof scenario->options);
    if (strstr(head, " prints: "))
        well_formed = well_formed && field(head, "prints", scenario->prints, sizeof scenario->prints);
    if (!well_formed) {
        fprintf(stderr, "%s: malformed head line: %s", path, head);
        return -1;
    }
    return 0;
}

/* Everything the program prints; *status as of wait(2). */
static char *run(const char *command, int *status)
{
    FILE *pipe = popen(command, "r");
    char *text = NULL;
    size_t size = 0;
    if (pipe == NULL || getdelim(&text, &size, '\0', pipe) < 0) {
        free(text);
        text = calloc(1, 1);
    }
    *status = pipe ? pclose(pipe) : -1;
    return text;
}

/* The scenario's own source stands in both stacks of a misuse report, right under the library's. */
static int shows_callers(const char *text, const char *name)
{
    char file[100];
    snprintf(file, sizeof file, "%s.c:", strrchr(name, '/') + 1);
    int callers = 0;
    for (const char *frame = text; (frame = strstr(frame, "    #1 ")); frame++) {
        const char *end = strchr(frame, '\n');
        const char *found = strstr(frame, file);
        callers += found && end && found < end;
    }
    return callers >= 2 && strstr(text, " of WaitGroup at ");
}

/* Does main stand in a stack twice in a row? Then a call of the library has left its frame behind. */
static int shows_stale_frames(const char *text)
{
    for (const char *line = text; (line = strstr(line, "\n    #")); line++) {
        const char *next = strchr(line + 1, '\n');
        if (strncmp(line + 7, " main ", 6) == 0 && next && strncmp(next, "\n    #", 6) == 0 &&
            strncmp(next + 7, " main ", 6) == 0)
            return 1;
    }
    return 0;
}

/* NULL, or what is wrong. */
static const char *judge_reports(const char *text, const struct expectation *expected, const char *name)
{
    int came[REPORTS] = {0};
    static const char summary[] = "SUMMARY: ThreadSanitizer: ";
    for (const char *line = text; (line = strstr(line, summary)); line++) {
        const char *end = strchrnul(line, '\n');
        const char *function = end;
        while (function > line && function[-1] != ' ')
            function--;
        char needle[100];
        snprintf(needle, sizeof needle, " %.*s ", (int)(end - function), function);
        int i = 0;
        while (i < REPORTS && (expected->reports[i].kind[0] == '\0' ||
                               strncmp(line + sizeof summary - 1, expected->reports[i].kind,
                                       strlen(expected->reports[i].kind)) != 0))
            i++;
        if (i == REPORTS)
            return "a report of another kind";
        if (strstr(expected->reports[i].functions, needle) == NULL)
            return "a report in another function";
        came[i] = 1;
    }
    int misuse = 0;
    for (int i = 0; i < REPORTS && expected->reports[i].kind[0] != '\0'; i++) {
        if (!came[i])
            return "not reported";
        misuse = misuse || strcmp(expected->reports[i].kind, "WaitGroup misuse") == 0;
    }
    if (shows_stale_frames(text))
        return "frames of finished calls in a stack";
    if (misuse) {
        if (!strstr(text, "WARNING: ThreadSanitizer: WaitGroup misuse: Add called concurrently with Wait"))
            return "another header";
        if (!shows_callers(text, name))
            return "the lines of both callers, or the name of the object, are missing";
    }
    return NULL;
}

int scenario_run(const struct scenario *scenario, const char *program, int strict, char **explanation)
{
    const struct expectation *expected = strict ? &scenario->strict : &scenario->by_default;
    char command[1024];
    snprintf(
        command, sizeof command,
        "exec 2>&1; TSAN_OPTIONS=atexit_sleep_ms=0:exitcode=66:halt_on_error=0 WAITGROUP_OPTIONS='%s %s' "
        "timeout -s KILL 60 %s",
        scenario->options, strict ? "strict=1" : "", program);
    int status;
    char *text = run(command, &status);
    /* popen's shell turns a signal into 128 + its number, or is replaced by the program itself. */
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    const int ended = strncmp(text, "DONE\n", 5) == 0 || strstr(text, "\nDONE\n") != NULL;
    const int reported = strstr(text, "ThreadSanitizer") != NULL;
    char panic[100];
    snprintf(panic, sizeof panic, "panic: %s\n", expected->message);

    const char *wrong = NULL;
    int broken = 0;
    if (code == 128 + SIGABRT && strstr(text, "panic: ")) {
        if (expected->kind != PANIC)
            wrong = "panicked";
        else if (!strstr(text, panic))
            wrong = "another panic";
    } else if (!ended || (code != 0 && code != 66) || (code == 66) != reported ||
               strstr(text, "FATAL: ThreadSanitizer") || strstr(text, "DEADLYSIGNAL")) {
        wrong = "the run itself went wrong";
        broken = 1;
    } else if (expected->kind == PANIC)
        wrong = "no panic";
    else if (expected->kind == NORACE)
        wrong = reported ? "reported, though there is no race" : NULL;
    else
        wrong = reported ? judge_reports(text, expected, scenario->name) : "not reported";

    if (wrong == NULL && strstr(text, scenario->prints) == NULL)
        wrong = "it does not print what it should";

    *explanation = NULL;
    if (wrong && asprintf(explanation, "%s%s: %s (exit status %d), it printed:\n%s", scenario->name,
                          strict ? " (strict=1)" : "", wrong, code, text) < 0)
        abort();
    free(text);
    return broken ? -1 : wrong == NULL;
}
