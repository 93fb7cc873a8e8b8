/* The processes that messages.c and options.c look at: `child SCENARIO [ARGUMENT...] [handled]`. Each
 * scenario is a function in a table; the tables are in child_panics.c, child_stalls.c, child_memory.c and
 * here. */
#define _GNU_SOURCE
#include "child.h"
#include "options.h"
#include "shared/timespec.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef DEFAULT_OPTIONS
const char *waitgroup_default_options(void)
{
    return DEFAULT_OPTIONS;
}
#endif

#ifdef MORE_RIGHTS_THAN_ITS_USER
/* What libc's own does in a set-user-ID program. */
char *secure_getenv(const char *name)
{
    (void)name;
    return NULL;
}
#endif

waitgroup_t wg, other;

void await_waiter(void)
{
    while ((uint32_t)__atomic_load_n(&wg.state, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
}

void wait_and_tell(const struct timespec *deadline)
{
    errno = EDOM;
    int result = 0;
    if (deadline)
        result = waitgroup_clockwait(&wg, CLOCK_MONOTONIC, deadline);
    else
        waitgroup_wait(&wg);
    printf("returned %s, errno %s\n", result == ETIMEDOUT ? "ETIMEDOUT" : "0",
           errno == EDOM ? "kept" : "lost");
}

struct timespec after(long milliseconds)
{
    return timespec_after(CLOCK_MONOTONIC, (uint64_t)milliseconds * (NANOSECONDS / 1000));
}

void wait_a_while(long milliseconds)
{
    const struct timespec soon = after(milliseconds);
    wait_and_tell(&soon);
}

pthread_t start(void *(*routine)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, routine, NULL) != 0)
        abort();
    return thread;
}

/* ------------------------------------------------------------------------ several that report at once */

int thread_ids[SEVERAL];

void announce(void *number)
{
    __atomic_store_n((int *)number, gettid(), __ATOMIC_RELEASE);
}

void await_sleep_of_the_others(void)
{
    for (int i = 0; i < SEVERAL; i++) {
        int thread_id;
        do
            thread_id = __atomic_load_n(&thread_ids[i], __ATOMIC_ACQUIRE);
        while (thread_id == 0 || (thread_id != gettid() && !is_asleep(thread_id)));
    }
}

/* ------------------------------------------------------------------------------- the plain scenarios */

static void print_options(char **unused)
{
    (void)unused;
    printf("%d %d %" PRIu64 " %" PRIu64 "\n", waitgroup_options_.strict, waitgroup_options_.report_locks_held,
           waitgroup_options_.stall_after, waitgroup_options_.perturb);
}

static void time_out(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, 1);
    wait_a_while(20);
}

static void *release_when_waited_for(void *unused)
{
    (void)unused;
    await_waiter();
    waitgroup_done(&wg);
    return NULL;
}

static void be_released(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, 1);
    const pthread_t releaser = start(release_when_waited_for);
    wait_and_tell(NULL);
    pthread_join(releaser, NULL);
}

static const struct scenario plain_scenarios[] = {
    {"options", print_options},
    {"timeout", time_out},
    {"release", be_released},
    {NULL, NULL},
};

static void handle(waitgroup_t *group, const char *message)
{
    (void)group;
    printf("handled: %s\n", message);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct scenario *const tables[] = {plain_scenarios, panic_scenarios, stall_scenarios,
                                                    memory_scenarios};
    const char *const name = argc > 1 ? argv[1] : "";
    if (argc > 2 && strcmp(argv[2], "handled") == 0)
        waitgroup_set_panic_handler(handle);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct scenario *scenario = tables[i]; scenario->name; scenario++)
            if (strcmp(name, scenario->name) == 0) {
                scenario->run(argv + 2);
                return 0;
            }
    fprintf(stderr, "child: unknown scenario \"%s\"\n", name);
    return 99;
}
