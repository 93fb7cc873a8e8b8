/* The Criterion runner of the scenarios: uninstrumented, since Criterion's arena clashes with TSan's
 * memory map. It spawns each scenario, in each build and mode, several times; all runs must agree.
 *
 *   VERDICT_SOURCES   the directory of race/, norace/ and panic/
 *   VERDICT_BUILD    a directory of built scenarios
 *   VERDICT_RUNS      how often each is run */
#define _GNU_SOURCE
#include "judge.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct question {
    char source[200];
    char program[200];
    int strict;
};

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0') {
        fprintf(stderr, "%s is not set: run `make verdict`\n", name);
        exit(2);
    }
    return value;
}

ParameterizedTestParameters(verdict, scenario)
{
    glob_t sources;
    char pattern[300];
    snprintf(pattern, sizeof pattern, "%s/*/*.c*", environment("VERDICT_SOURCES"));
    if (glob(pattern, 0, NULL, &sources) != 0) {
        fprintf(stderr, "%s: no scenarios\n", pattern);
        exit(2);
    }
    const char *build = environment("VERDICT_BUILD");
    size_t count = 0;
    struct question *questions = cr_malloc(sizeof *questions * sources.gl_pathc * 2);
    for (size_t i = 0; i < sources.gl_pathc; i++)
        for (int strict = 0; strict <= 1; strict++) {
            struct question *question = &questions[count++];
            struct scenario scenario;
            if (scenario_read(sources.gl_pathv[i], &scenario) != 0)
                exit(2);
            snprintf(question->source, sizeof question->source, "%s", sources.gl_pathv[i]);
            snprintf(question->program, sizeof question->program, "%s/%s", build, scenario.name);
            question->strict = strict;
        }
    globfree(&sources);
    return cr_make_param_array(struct question, questions, count);
}

ParameterizedTest(struct question *question, verdict, scenario)
{
    struct scenario scenario;
    cr_assert(scenario_read(question->source, &scenario) == 0);
    const int runs = atoi(environment("VERDICT_RUNS"));
    cr_assert(runs > 0, "VERDICT_RUNS is no number of runs");
    int right = 0;
    char *explanation = NULL;
    for (int run = 0; run < runs; run++) {
        char *this_one;
        right += scenario_run(&scenario, question->program, question->strict, &this_one) == 1;
        if (this_one) {
            free(explanation);
            explanation = this_one;
        }
    }
    /* A miss is a false negative where a report or panic is expected, else a false positive. */
    const struct expectation *expected = question->strict ? &scenario.strict : &scenario.by_default;
    cr_assert(right == runs, "%s %s: %d of %d runs wrong (%s)\n%s", question->program,
              question->strict ? "strict=1" : "default", runs - right, runs,
              expected->kind == NORACE ? "false positive" : "false negative", explanation);
}
