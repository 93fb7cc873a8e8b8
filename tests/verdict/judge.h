/* Runs a scenario and compares what it did with what its head line and its directory say. */
#ifndef JUDGE_H
#define JUDGE_H

enum kind { NORACE, RACE, PANIC };

enum { REPORTS = 2 };

struct expectation {
    enum kind kind;
    char message[80]; /* of a panic */
    struct report {
        char kind[24];       /* "data race" or "WaitGroup misuse"; empty: no more */
        char functions[160]; /* those that its SUMMARY may name, each between spaces */
    } reports[REPORTS];      /* of a race: every one of them has to come */
};

struct scenario {
    char name[80]; /* race/write_after_done */
    char options[120];
    char prints[120]; /* what the output has to contain, in every mode; empty: nothing */
    struct expectation by_default, strict;
};

/* Reads the head line of tests/verdict/DIRECTORY/NAME.c. Returns 0, or prints what is wrong with it. */
int scenario_read(const char *path, struct scenario *scenario);

/* Runs the program once. Returns 1 if it did what is expected; else 0, with the reason and all that
 * the program printed in *explanation (to be freed). A broken harness (a crash, a time-out, no last
 * act) is -1. */
int scenario_run(const struct scenario *scenario, const char *program, int strict, char **explanation);

#endif
