/* judge SCENARIO.c PROGRAM default|strict RUNS: prints in how many runs the program did what its
 * scenario says; the first other outcome goes to standard error. */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct scenario scenario;
    if (argc != 5 || (strcmp(argv[3], "default") != 0 && strcmp(argv[3], "strict") != 0) ||
        atoi(argv[4]) < 1) {
        fprintf(stderr, "usage: judge SCENARIO.c PROGRAM default|strict RUNS\n");
        return 2;
    }
    if (scenario_read(argv[1], &scenario) != 0)
        return 2;
    const int runs = atoi(argv[4]);
    int right = 0, broken = 0, told = 0;
    for (int run = 0; run < runs; run++) {
        char *explanation;
        int result = scenario_run(&scenario, argv[2], strcmp(argv[3], "strict") == 0, &explanation);
        right += result == 1;
        broken += result < 0;
        if (explanation && !told++)
            fputs(explanation, stderr);
        free(explanation);
    }
    printf("%d/%d\n", right, runs);
    return broken ? 2 : right != runs;
}
