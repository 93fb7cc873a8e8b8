/* Processes that use memory which is no group, or not theirs alone. */
#define _GNU_SOURCE
#include "child.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct pattern {
    const char *name;
    uint64_t state;
    uint32_t sema, race;
} patterns[] = {
    {"a5", 0xa5a5a5a5a5a5a5a5, 0xa5a5a5a5, 0xa5a5a5a5},
    {"5a", 0x5a5a5a5a5a5a5a5a, 0x5a5a5a5a, 0x5a5a5a5a},
    {"ones", UINT64_MAX, UINT32_MAX, UINT32_MAX},
    {"sevens", 0x3737373737373737, 0x37373737, 0x37373737},
    {"small", 0x5555555500000007, 7, 0x55555555},
    {"pointers", 0x00007f12deadb010, 0xdeadb010, 0x00007f12},
    {"overwritten-race", 0, 0, 1234},
    {"overwritten-waiters", 0x0000000112345678, 0, 0},
    {"overwritten-counter", 0x0000000700000000, 0, 0},
    {"overwritten-tickets", 0, 3, 0},
};

static void nothing(void *unused)
{
    (void)unused;
}

static void call(const char *name, waitgroup_t *group)
{
    const struct timespec past = {0, 0};
    if (strcmp(name, "add") == 0)
        waitgroup_add(group, 1);
    else if (strcmp(name, "done") == 0)
        waitgroup_done(group);
    else if (strcmp(name, "wait") == 0)
        waitgroup_wait(group);
    else if (strcmp(name, "clockwait") == 0)
        (void)!waitgroup_clockwait(group, CLOCK_MONOTONIC, &past);
    else if (strcmp(name, "go") != 0 || waitgroup_go(group, nothing, NULL) != 0)
        _exit(95);
}

static void foreign(char **arguments)
{
    const char *const pattern = arguments[0], *const name = pattern ? arguments[1] : NULL;
    if (name == NULL)
        _exit(91);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (strcmp(pattern, patterns[i].name) == 0) {
            wg.state = patterns[i].state;
            wg.sema = patterns[i].sema;
            wg.race = patterns[i].race;
            call(name, &wg);
            wait_a_while(500);
        }
}

static void *wait_for_two(void *unused)
{
    (void)unused;
    waitgroup_wait(&wg);
    return NULL;
}

/* What looks unlikely and is a group all the same. */
static void groups_alone(char **unused)
{
    (void)unused;
    enum { WAITERS = 200 };
    pthread_t waiters[WAITERS];
    waitgroup_add(&wg, INT32_MAX);
    waitgroup_add(&wg, -INT32_MAX);
    waitgroup_add(&wg, 2);
    for (int i = 0; i < WAITERS; i++)
        waiters[i] = start(wait_for_two);
    while ((uint32_t)__atomic_load_n(&wg.state, __ATOMIC_ACQUIRE) != WAITERS)
        sched_yield();
    waitgroup_add(&wg, INT32_MAX - 2);
    waitgroup_add(&wg, 1 - INT32_MAX);
    waitgroup_done(&wg);
    for (int i = 0; i < WAITERS; i++)
        pthread_join(waiters[i], NULL);
    waitgroup_wait(&wg);

    waitgroup_t *const groups = malloc(3 * sizeof *groups);
    if (groups == NULL)
        abort();
    memset(groups, 0xa5, 3 * sizeof *groups);
    memset(groups, 0, 3 * sizeof *groups);
    for (int i = 0; i < 3; i++) {
        waitgroup_add(&groups[i], 1);
        waitgroup_done(&groups[i]);
        waitgroup_wait(&groups[i]);
        groups[i] = (waitgroup_t)WAITGROUP_INIT;
        if (waitgroup_go(&groups[i], nothing, NULL) != 0)
            abort();
        waitgroup_wait(&groups[i]);
    }
    free(groups);
    puts("ok");
}

static pid_t fork_or_die(void)
{
    fflush(stdout);
    const pid_t child = fork();
    if (child < 0)
        _exit(94);
    return child;
}

/* In the child process: an inherited group that was idle serves on; one in use stalls. */
static void use_in_child(int in_use)
{
    waitgroup_add(&wg, 1);
    if (!in_use)
        waitgroup_done(&wg);
    const pid_t child = fork_or_die();
    if (child != 0) {
        if (waitpid(child, NULL, 0) < 0)
            _exit(93);
        printf("parent %d, child %d\n", (int)getpid(), (int)child);
        return;
    }
    if (!in_use) {
        waitgroup_add(&wg, 1);
        waitgroup_done(&wg);
        waitgroup_wait(&wg);
    }
    waitgroup_add(&other, 1);
    if (in_use) {
        wait_a_while(500);
    } else {
        const struct timespec soon = after(500);
        (void)!waitgroup_clockwait(&other, CLOCK_MONOTONIC, &soon);
    }
    fflush(stdout);
    _exit(0);
}

static void forked_idle(char **unused)
{
    (void)unused;
    use_in_child(0);
}

static void forked_in_use(char **unused)
{
    (void)unused;
    use_in_child(1);
}

static void share(void (*wait)(waitgroup_t *))
{
    waitgroup_t *const group =
        mmap(NULL, sizeof *group, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const pid_t parent = getpid();
    waitgroup_add(group, 1);
    if (fork_or_die() == 0) {
        while (getppid() == parent &&
               ((uint32_t)__atomic_load_n(&group->state, __ATOMIC_ACQUIRE) == 0 || !is_asleep(parent)))
            sched_yield();
        waitgroup_done(group);
        _exit(0);
    }
    wait(group);
    puts("woken");
}

static void shared(char **unused)
{
    (void)unused;
    share(waitgroup_wait);
}

static void wait_by_seconds(waitgroup_t *group)
{
    struct timespec soon;
    do
        soon = after(1000);
    while (waitgroup_clockwait(group, CLOCK_MONOTONIC, &soon) != 0);
}

static void shared_deadline(char **unused)
{
    (void)unused;
    share(wait_by_seconds);
}

const struct scenario memory_scenarios[] = {
    {"foreign", foreign},
    {"groups", groups_alone},
    {"forked-idle", forked_idle},
    {"forked-in-use", forked_in_use},
    {"shared", shared},
    {"shared-deadline", shared_deadline},
    {NULL, NULL},
};
