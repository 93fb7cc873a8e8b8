/* What the library says to the process's surroundings, seen from outside: a test runs a child process
 * (child.c) with an environment, and looks at its output and at how it ended. */
#ifndef RUN_CHILD_H
#define RUN_CHILD_H

#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static char output[65536]; /* standard output and error of the last child */
static int status;

static inline void run(const char *options, const char *program, const char *scenario)
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

#endif
