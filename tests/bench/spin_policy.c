/* When does a wait look on, how, and for how long? src/spin.c on a clock that the test turns: each
 * reading of it is 1 us after the one before, and a yield takes what the test says, so every count here is
 * exact. */
#define _GNU_SOURCE
#include "spin.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static waitgroup_t group;
static int64_t microseconds;     /* the clock */
static int readings, yields;     /* by the last wait */
static int zero_at;              /* the reading at which the counter becomes zero; 0: never */
static int64_t yield_takes;      /* microseconds */
static void (*while_away)(void); /* what happens during a yield */
static int passed, failed;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    if (clock != CLOCK_MONOTONIC)
        return -1;
    if (++readings == zero_at)
        group.state = 0;
    microseconds++;
    *time = (struct timespec){microseconds / 1000000, microseconds % 1000000 * 1000};
    return 0;
}

int __wrap_sched_yield(void);
int __wrap_sched_yield(void)
{
    yields++;
    microseconds += yield_takes;
    if (while_away)
        while_away();
    return 0;
}

static void check(int holds, const char *what)
{
    if (holds) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED: %s (%d readings of the clock, %d yields)\n", what, readings, yields);
}

static int spin(uint64_t counter, int when_zero)
{
    readings = 0;
    yields = 0;
    zero_at = when_zero;
    group.state = counter << 32;
    return waitgroup_spin_(&group);
}

/* What strangers' slices cost, and what follows from it. */
static void check_bar(void)
{
    microseconds += 1000000;
    yield_takes = 3000;
    check(spin(1, 2) == 1 && yields == 1, "a yield that takes 3 ms is the last of its wait");
    const int64_t barred_until = microseconds + 30 * (2 * yield_takes - 4000);
    check(spin(1, 2) == 1 && yields == 1, "4 ms may be lost at once");
    yield_takes = 0;
    while (microseconds < barred_until - 100) {
        check(spin(1, 3) == 1 && yields == 0, "barred until what is lost is a thirtieth of the time");
        microseconds += 1000;
    }
    microseconds = barred_until + 100;
    check(spin(1, 3) == 1 && yields == 2, "then it yields again");
    yield_takes = 1000;
    check(spin(1, 2) == 1 && yields == 1, "and loses again");
    yield_takes = 0;
    microseconds += 28000;
    check(spin(1, 3) == 1 && yields == 0, "with no credit left, a slice bars for thirty times as long");
    microseconds += 2000;
    check(spin(1, 3) == 1 && yields == 2, "and no longer");
    microseconds += 1000000;
    yield_takes = 60000000;
    spin(1, 2);
    yield_takes = 0;
    microseconds += 1378000;
    check(spin(1, 3) == 1 && yields == 0, "after a minute, what follows from 50 ms,");
    microseconds += 2000;
    check(spin(1, 3) == 1 && yields == 2, "and no more");
}

static void *lose_beside(void *unused)
{
    (void)unused;
    spin(1, 2);
    return NULL;
}

/* Another thread's slice that is within the one that this thread loses. */
static void lose_in_another_thread(void)
{
    pthread_t thread;
    const int our_readings = readings, our_yields = yields, our_zero = zero_at;
    while_away = NULL;
    if (pthread_create(&thread, NULL, lose_beside, NULL) != 0 || pthread_join(thread, NULL) != 0)
        check(0, "a second thread");
    readings = our_readings;
    yields = our_yields;
    zero_at = our_zero;
}

static void check_common_loss(void)
{
    microseconds += 1000000;
    yield_takes = 1900;
    while_away = lose_in_another_thread;
    check(spin(1, 2) == 1, "3.8 ms are lost, of which another thread loses the half as well");
    yield_takes = 0;
    check(spin(1, 3) == 1 && yields == 2, "that is lost once, and within the credit");
}

/* Failures in a row are 0, 1, 3, ... 4095 waits apart, never more, and cost 0.1 us for a wait. */
static void check_pauses(void)
{
    int parked = 0, gaps = 0;
    for (int waits = 0; waits < 40000 && gaps < 15; waits++) {
        check(spin(1, 0) == 0, "it fails while the counter stays");
        if (readings == 0) {
            parked++;
            continue;
        }
        const int waited = gaps == 0 ? 0 : 1 << (gaps <= 12 ? gaps - 1 : 12); /* since the last try */
        const int earned = (1 << (gaps < 12 ? gaps : 12)) * 80,
                  patience = earned > 30000 ? earned / 1000 : 30;
        check(readings >= patience && readings <= patience + 2 && yields >= patience - 1,
              "a try takes 30 us, a seldom one 0.08 us for each wait before");
        check(parked == (waited ? waited - 1 : 0), "the pause doubles up to 4095");
        gaps++;
        parked = 0;
    }
    check(gaps == 15, "it goes on trying");
    const int64_t before = microseconds;
    for (int waits = 0; waits < 10 * 4096; waits++)
        spin(1, 0);
    check(microseconds - before <= 4096, "where it never pays it costs 0.1 us for a wait");
    for (int waits = 0; waits < 4096 && spin(1, 2) == 0; waits++)
        ;
    check(readings == 2, "and succeeds in the end");
    for (int waits = 0; waits < 10; waits++)
        check(spin(1, 2) == 1 && readings == 2, "after a success it tries each time");
}

/* Run once more, allowed one CPU: that is looked at before main(). */
static int pinned(void)
{
    check(spin(1, 3) == 1 && yields != 0, "where one CPU is allowed it yields");
    yield_takes = 3000;
    spin(1, 2);
    check(spin(1, 0) == 0 && readings == 1 && yields == 0, "and does not stay");
    printf("spin policy on one CPU: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "pinned") == 0)
        return pinned();

    cpu_set_t one, all;
    if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) < 2) {
        fprintf(stderr, "spin_policy: needs two CPUs at least\n");
        return 1;
    }
    check(spin(0, 0) == 1 && readings == 0, "at zero it returns at once");
    check(spin(1, 3) == 1 && yields != 0, "it sees the counter become zero");
    check(spin(1, 0) == 0 && readings == 31, "it gives up after 30 us");
    /* Another thread's word may have waiters, and be zero for all that. */
    group.state = 0;
    check(waitgroup_spin_(&group) == 1, "at zero after a failure");
    check_bar();
    check_common_loss();
    check_pauses();

    printf("spin policy: %d passed, %d failed\n", passed, failed);
    fflush(stdout);
    if (failed)
        return 1;
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
        perror("sched_setaffinity");
        return 1;
    }
    execl("/proc/self/exe", argv[0], "pinned", (char *)NULL);
    perror("execl");
    return 1;
}
