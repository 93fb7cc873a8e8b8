/* Random use of many groups for a while, under a storm of signals and stray wakes, against an oracle.
 *
 *     stress [SECONDS [SEED]]
 *
 * Each driver runs rounds, each on a group of its own, on its stack, on the heap or static. A round adds
 * by add and by go, takes off by done and by add(-n), from its tasks and from their tasks; meanwhile
 * helpers wait for it, some with deadlines, some of which pass. The oracle: a wait that returns 0 sees
 * the work of every unit, in plain memory; nobody hangs; and when all are back, no count, waiter or
 * ticket is left. A round whose driver and helpers are done frees its memory at once. */
#define _GNU_SOURCE
#include <waitgroup.h>

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Internal: the storm releases others' tickets, which share a parking place of sema_pthread.c. */
void waitgroup_sema_release_(uint32_t *sema, uint32_t n);

enum { DRIVERS = 4, UNITS = 24, HELPERS = 8, SLOTS = DRIVERS * (HELPERS + 1), PLACES = 64 };

static uint64_t seed;
static int stopping;
static uint64_t rounds, units, waits, timeouts, signals, strays; /* relaxed counters, for the summary */

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static void fail(const char *what)
{
    char text[256];
    const int length =
        snprintf(text, sizeof text, "stress: FAILED with seed %llu: %s\n", (unsigned long long)seed, what);
    if (write(STDERR_FILENO, text, (size_t)length) < 0)
        _exit(3);
    abort();
}

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint32_t n)
{
    return (uint32_t)(draw(state) % n);
}

static void dally(uint64_t *random)
{
    if (below(random, 4) == 0)
        sched_yield();
    for (volatile uint32_t left = below(random, 1u << below(random, 14)); left > 0; left--)
        ;
}

/* --------------------------------------------------------------------------------------- the storm */

static uint32_t *targets[DRIVERS]; /* where waiters may sleep; only the address is used */
static pid_t sleepers[SLOTS];      /* threads that may be interrupted just now; 0: none */

static void interrupt_nothing(int signal)
{
    (void)signal;
    count(&signals, 1);
}

static void mask_signal(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(how, &set, NULL);
}

static void expose(int slot)
{
    mask_signal(SIG_UNBLOCK);
    __atomic_store_n(&sleepers[slot], (pid_t)syscall(SYS_gettid), __ATOMIC_RELAXED);
}

/* Blocked first: a signal on its way must not meet a thread that is being taken down. */
static void shelter(int slot)
{
    mask_signal(SIG_BLOCK);
    __atomic_store_n(&sleepers[slot], 0, __ATOMIC_RELAXED);
}

static void *storm(void *unused)
{
    (void)unused;
    static waitgroup_t neighbours[PLACES];
    uint64_t random = seed ^ 0x5707;
    while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
        const pid_t sleeper = __atomic_load_n(&sleepers[below(&random, SLOTS)], __ATOMIC_RELAXED);
        if (sleeper != 0)
            syscall(SYS_tgkill, getpid(), sleeper, SIGUSR1);
        uint32_t *const target = __atomic_load_n(&targets[below(&random, DRIVERS)], __ATOMIC_RELAXED);
        if (target != NULL) {
            syscall(SYS_futex, target, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
            for (int i = 0; i < PLACES; i++)
                if (((uintptr_t)&neighbours[i].sema >> 4) % PLACES == ((uintptr_t)target >> 4) % PLACES)
                    waitgroup_sema_release_(&neighbours[i].sema, 1);
            count(&strays, 1);
        }
        dally(&random);
        if (below(&random, 8) == 0)
            usleep(below(&random, 200));
    }
    return NULL;
}

/* --------------------------------------------------------------------------------------- one round */

struct round {
    waitgroup_t group; /* the one under test */
    int cells[UNITS];  /* plain memory: a unit's work */
    int used;          /* units that this round has */
    struct unit {
        struct round *round;
        int first, size; /* this task's cells */
        int nested;      /* its own task's cell, or -1 */
        uint64_t random;
    } tasks[UNITS];
    struct helper {
        struct round *round;
        int slot;
        uint64_t random;
    } helpers[HELPERS];
};

static void look(const struct round *round)
{
    for (int i = 0; i < round->used; i++)
        if (round->cells[i] != i + 1)
            fail("a wait has returned before a unit's work was there");
}

static void fill(struct round *round, int cell)
{
    round->cells[cell] = cell + 1;
}

static void work_nested(void *argument)
{
    struct unit *const unit = argument;
    fill(unit->round, unit->nested);
}

/* The task of a go: it is counted by the library, and may start another. */
static void work(void *argument)
{
    struct unit *const unit = argument;
    dally(&unit->random);
    if (unit->nested >= 0 && waitgroup_go(&unit->round->group, work_nested, unit) != 0)
        work_nested(unit);
    fill(unit->round, unit->first);
}

/* A task that was announced by add(size) and counts down itself. */
static void work_and_count_down(void *argument)
{
    struct unit *const unit = argument;
    waitgroup_t *const group = &unit->round->group;
    const int at_once = (int)below(&unit->random, 2);
    for (int i = 0; i < unit->size; i++) {
        dally(&unit->random);
        waitgroup_add(group, 0);
        if (below(&unit->random, 4) == 0) {
            waitgroup_add(group, 3);
            waitgroup_add(group, -3);
        }
        fill(unit->round, unit->first + i);
        if (!at_once)
            waitgroup_done(group);
    }
    if (at_once)
        waitgroup_add(group, -unit->size);
}

static struct timespec soon(clockid_t clock, uint32_t microseconds)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += (long)microseconds * 1000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

/* Waits in one of several manners; most end with 0, and then everything is there. */
static void wait_somehow(struct round *round, uint64_t *random)
{
    const uint32_t manner = below(random, 4);
    count(&waits, 1);
    while (manner != 0) {
        const clockid_t clock = below(random, 2) ? CLOCK_MONOTONIC : CLOCK_REALTIME;
        const struct timespec deadline = soon(clock, below(random, 1u << below(random, 12)));
        const int result = waitgroup_clockwait(&round->group, clock, &deadline);
        if (result == 0)
            break;
        if (result != ETIMEDOUT)
            fail("a clockwait has returned neither 0 nor ETIMEDOUT");
        count(&timeouts, 1);
        if (manner == 1)
            return; /* gives up */
        if (manner == 2)
            break; /* patient from now on */
    }
    waitgroup_wait(&round->group);
    look(round);
}

static void help(void *argument)
{
    struct helper *const helper = argument;
    expose(helper->slot);
    dally(&helper->random);
    wait_somehow(helper->round, &helper->random);
    shelter(helper->slot);
}

static void start_task(struct round *round, uint64_t *random, waitgroup_t *carriers)
{
    struct unit *const unit = &round->tasks[round->used];
    *unit = (struct unit){round, round->used, 1, -1, draw(random)};
    if (below(random, 2)) {
        if (below(random, 2))
            unit->nested = unit->first + 1;
        round->used += unit->nested < 0 ? 1 : 2;
        if (waitgroup_go(&round->group, work, unit) != 0)
            work(unit);
        count(&units, unit->nested < 0 ? 1 : 2);
    } else {
        unit->size = 1 + (int)below(random, 3);
        round->used += unit->size;
        waitgroup_add(&round->group, unit->size);
        if (waitgroup_go(carriers, work_and_count_down, unit) != 0)
            work_and_count_down(unit);
        count(&units, (uint64_t)unit->size);
    }
}

static void play(struct round *round, int driver, uint64_t *random)
{
    waitgroup_t carriers = WAITGROUP_INIT, helpers = WAITGROUP_INIT;
    memset(round, 0, sizeof *round);
    __atomic_store_n(&targets[driver], &round->group.sema, __ATOMIC_RELAXED);
    expose(driver);

    /* The driver's own unit keeps the counter up while it goes on adding. */
    waitgroup_add(&round->group, 1);
    for (int i = 0; i < HELPERS; i++)
        round->helpers[i] = (struct helper){round, DRIVERS + driver * HELPERS + i, draw(random)};
    int started = 0;
    const int tasks = (int)below(random, 6), wanted = (int)below(random, 4);
    for (int i = 0; i < tasks; i++) {
        if (started < wanted && waitgroup_go(&helpers, help, &round->helpers[started]) == 0)
            started++;
        start_task(round, random, &carriers);
    }
    while (started < wanted && waitgroup_go(&helpers, help, &round->helpers[started]) == 0)
        started++;
    dally(random);
    waitgroup_done(&round->group);

    wait_somehow(round, random);
    waitgroup_wait(&round->group); /* it may have given up */
    look(round);
    waitgroup_wait(&helpers);
    waitgroup_wait(&carriers);
    shelter(driver);
    if (round->group.state != 0 || round->group.sema != 0)
        fail("a finished round has left a count, a waiter or a ticket");
    if (helpers.state != 0 || helpers.sema != 0 || carriers.state != 0 || carriers.sema != 0)
        fail("a finished group of helpers is not at rest");
    __atomic_store_n(&targets[driver], NULL, __ATOMIC_RELAXED);
    count(&rounds, 1);
}

static void *drive(void *argument)
{
    static struct round fixed[DRIVERS];
    const int driver = (int)((uint32_t **)argument - targets);
    uint64_t random = seed + (uint64_t)driver * 0x1000003;
    while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
        struct round local, *allocated;
        switch (below(&random, 3)) {
        case 0:
            play(&local, driver, &random);
            break;
        case 1:
            play(&fixed[driver], driver, &random);
            break;
        default:
            allocated = malloc(sizeof *allocated);
            play(allocated, driver, &random);
            free(allocated);
            break;
        }
    }
    return NULL;
}

static void on_alarm(int signal)
{
    (void)signal;
    fail("it hangs");
}

int main(int argc, char **argv)
{
    const unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10;
    seed = (uint64_t)time(NULL) << 16 ^ (uint64_t)getpid();
    if (argc > 2)
        seed = strtoull(argv[2], NULL, 10);
    printf("stress: %u s, seed %llu\n", seconds, (unsigned long long)seed);
    fflush(stdout);

    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt_nothing; /* no SA_RESTART: every sleep ends in EINTR */
    sigaction(SIGUSR1, &action, NULL);
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, NULL);
    mask_signal(SIG_BLOCK);

    pthread_t threads[DRIVERS + 1];
    int failed = pthread_create(&threads[DRIVERS], NULL, storm, NULL);
    for (int i = 0; i < DRIVERS; i++)
        failed |= pthread_create(&threads[i], NULL, drive, &targets[i]);
    if (failed)
        fail("no thread");
    for (unsigned left = seconds; left > 0;)
        left = sleep(left);
    __atomic_store_n(&stopping, 1, __ATOMIC_RELAXED);
    alarm(60);
    for (int i = 0; i <= DRIVERS; i++)
        pthread_join(threads[i], NULL);
    printf(
        "stress: %llu rounds, %llu units, %llu waits, %llu timeouts, %llu signals, %llu stray wakes\nDONE\n",
        (unsigned long long)rounds, (unsigned long long)units, (unsigned long long)waits,
        (unsigned long long)timeouts, (unsigned long long)signals, (unsigned long long)strays);
    return 0;
}
