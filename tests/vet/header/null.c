/* Calls the function that is named with no group; the library must panic, however it was optimized. With
 * a second argument the compiler sees the path on which there is none. */
#include <string.h>
#include <time.h>
#include <waitgroup.h>

static waitgroup_t group;
static waitgroup_t *volatile unknown;

static void task(void *arg)
{
    (void)arg;
}

#define CALL(wg)                                             \
  do {                                                       \
    if (strcmp(function, "add") == 0)                        \
      waitgroup_add(wg, argc);                               \
    else if (strcmp(function, "done") == 0)                  \
      waitgroup_done(wg);                                    \
    else if (strcmp(function, "wait") == 0)                  \
      waitgroup_wait(wg);                                    \
    else if (strcmp(function, "clockwait") == 0)             \
      return waitgroup_clockwait(wg, CLOCK_MONOTONIC, &now); \
    else if (strcmp(function, "go") == 0)                    \
      return waitgroup_go(wg, task, &now);                   \
  } while (0)

int main(int argc, char **argv)
{
    struct timespec now = {0, 0};
    const char *function = argc > 1 ? argv[1] : "";
    if (argc > 2)
        CALL(argc > 3 ? &group : NULL);
    else
        CALL(unknown);
    return 2;
}
