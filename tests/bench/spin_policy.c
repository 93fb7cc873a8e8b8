/* When does a wait spin, and for how long? src/spin.c on a clock that the test turns: each reading of it
 * is 1 us after the one before, so every count here is exact. */
#define _GNU_SOURCE
#include "race.h"
#include "spin.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct waitgroup_tsan_ waitgroup_race_;

static waitgroup_t group;
static int readings; /* of the clock, by the last call */
static int zero_at;  /* the reading at which the counter becomes zero; 0: never */
static int passed, failed;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    static long microseconds;
    if (clock != CLOCK_MONOTONIC)
        return -1;
    if (++readings == zero_at)
        group.state = 0;
    microseconds++;
    *time = (struct timespec){microseconds / 1000000, microseconds % 1000000 * 1000};
    return 0;
}

static void check(int holds, const char *what)
{
    if (holds) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED: %s (%d readings of the clock)\n", what, readings);
}

static int spin(uint64_t counter, int when_zero)
{
    readings = 0;
    zero_at = when_zero;
    group.state = counter << 32;
    return waitgroup_spin_(&group);
}

static void acquire(void *unused)
{
    (void)unused;
}

/* Run once more, allowed one CPU: that is looked at before main(). */
static int pinned(void)
{
    check(spin(1, 0) == 0 && readings == 0, "no spinning where one CPU is allowed");
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
    check(spin(1, 3) == 1, "it sees the counter become zero");
    check(spin(1, 0) == 0 && readings == 6, "it gives up after 5 us");
    /* Another thread's word may have waiters, and be zero for all that. */
    group.state = 0;
    check(waitgroup_spin_(&group) == 1, "at zero after a failure");

    /* Failures in a row are 0, 1, 3, ... 255 waits apart, and never more. */
    int parked = 0, gaps = 0;
    static const int expected[] = {0, 1, 3, 7, 15, 31, 63, 127, 255, 255};
    for (int waits = 0; waits < 1000 && gaps < 10; waits++) {
        check(spin(1, 0) == 0, "it fails while the counter stays");
        if (readings == 0) {
            parked++;
            continue;
        }
        check(readings == (expected[gaps] < 7 ? 6 : 21), "a try takes 5 us, one that comes seldom 20 us");
        check(parked == expected[gaps], "the pause doubles up to 255");
        gaps++;
        parked = 0;
    }
    check(gaps == 10, "it goes on trying");
    for (int waits = 0; waits < 256 && spin(1, 2) == 0; waits++)
        ;
    check(readings == 2, "and succeeds in the end");
    for (int waits = 0; waits < 10; waits++)
        check(spin(1, 2) == 1 && readings == 2, "after a success it tries each time");

    waitgroup_race_.acquire = acquire;
    check(spin(1, 2) == 0 && readings == 0, "no spinning with ThreadSanitizer");

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
