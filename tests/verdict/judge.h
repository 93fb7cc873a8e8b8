/* Runs a scenario and compares what it did with what its head line and its directory say. */
#ifndef JUDGE_H
#define JUDGE_H

enum kind { NORACE, RACE, PANIC };

struct expectation {
    enum kind kind;
    char report[80];     /* of a race: "data race" or "WaitGroup misuse"; of a panic: the message */
    char functions[160]; /* of a race: the functions that a SUMMARY may name, each between spaces */
};

struct scenario {
    char name[80];    /* race/write_after_done */
    char rule[200];   /* the question */
    char mirrors[80]; /* a test of Go's, or - */
    char options[120];
    struct expectation by_default, strict;
};

/* Reads the head line of tests/verdict/DIRECTORY/NAME.c. Returns 0, or prints what is wrong with it. */
int scenario_read(const char *path, struct scenario *scenario);

/* Runs the program once. Returns 1 if it did what is expected; else 0, with the reason and all that
 * the program printed in *explanation (to be freed). A broken harness (a crash, a time-out, no last
 * act) is -1. */
int scenario_run(const struct scenario *scenario, const char *program, int strict, char **explanation);

#endif
