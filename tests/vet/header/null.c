/* Calls the function that is named with no group; the library must panic, however it was optimized. */
#include <string.h>
#include <time.h>
#include <waitgroup.h>

waitgroup_t *volatile none;

static void task(void *arg)
{
    (void)arg;
}

int main(int argc, char **argv)
{
    struct timespec now = {0, 0};
    const char *function = argc > 1 ? argv[1] : "";
    if (strcmp(function, "add") == 0)
        waitgroup_add(none, argc);
    else if (strcmp(function, "done") == 0)
        waitgroup_done(none);
    else if (strcmp(function, "wait") == 0)
        waitgroup_wait(none);
    else if (strcmp(function, "clockwait") == 0)
        return waitgroup_clockwait(none, CLOCK_MONOTONIC, &now);
    else if (strcmp(function, "go") == 0)
        return waitgroup_go(none, task, &now);
    return 2;
}
