/* Processes in which a wait blocks for long, and its report. */
#define _GNU_SOURCE
#include "child.h"
#include "sema.h"

#include <dlfcn.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int report_pipe[2];

static void report_into_pipe(void)
{
    if (pipe(report_pipe) != 0 || dup2(report_pipe[1], STDERR_FILENO) < 0)
        abort();
}

/* Passes a wait's report on once it is out. */
static void await_report(void)
{
    static char text[65536];
    size_t length = 0;
    while (strstr(text, "It is here:\n") == NULL) {
        const ssize_t more = read(report_pipe[0], text + length, sizeof text - 1 - length);
        if (more <= 0)
            abort();
        length += (size_t)more;
    }
    fputs(text, stdout);
    putchar('\n');
}

static void *release_after_report(void *unused)
{
    (void)unused;
    await_report();
    waitgroup_add(&wg, -3);
    return NULL;
}

static void stall_until_reported(void *(*release)(void *))
{
    report_into_pipe();
    waitgroup_add(&wg, 3);
    const pthread_t releaser = start(release);
    wait_and_tell(NULL);
    pthread_join(releaser, NULL);
}

static void stall(char **unused)
{
    (void)unused;
    stall_until_reported(release_after_report);
}

static void *overwrite(void *unused)
{
    (void)unused;
    await_waiter();
    memset(&wg, 0, sizeof wg);
    await_report();
    waitgroup_sema_release_(&wg.sema, 1); /* the group has forgotten its waiter */
    return NULL;
}

static void stall_overwritten(char **unused)
{
    (void)unused;
    stall_until_reported(overwrite);
}

static void *wait_cancelled(void *unused)
{
    (void)unused;
    pthread_cancel(pthread_self());
    int state;
    wait_and_tell(NULL);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    fflush(stdout);
    return NULL;
}

static void stall_cancelled(char **unused)
{
    (void)unused;
    report_into_pipe();
    waitgroup_add(&wg, 3);
    const pthread_t releaser = start(release_after_report), waiter = start(wait_cancelled);
    pthread_join(waiter, NULL);
    pthread_join(releaser, NULL);
}

static void stall_then_timeout(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, 3);
    wait_a_while(1000); /* long after the report, also on a busy machine */
}

static void stall_unheard(char **unused)
{
    close(STDERR_FILENO);
    stall_then_timeout(unused);
}

/* What a group's word may hold, and hardly ever does. */
static void stall_below_zero(char **unused)
{
    (void)unused;
    wg.state = UINT64_MAX << 32; /* as after a panic that was recovered from */
    wait_a_while(1000);
}

static void stall_at_millions(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, 5000000);
    wait_a_while(1000);
}

static void *overwrite_anchor(void *unused)
{
    (void)unused;
    await_waiter();
    __atomic_store_n(&wg.race, 1234, __ATOMIC_RELAXED);
    await_report();
    __atomic_store_n(&wg.race, 0, __ATOMIC_RELAXED);
    waitgroup_add(&wg, -3);
    return NULL;
}

static void stall_in_foreign(char **unused)
{
    (void)unused;
    stall_until_reported(overwrite_anchor);
}

/* ---------------------------------------------------------------------------------- several at once */

static int reports_begun;
static const char no_more_reports[] = "no more reports\n";

/* Passes on the reports. Not up to the pipe's end: a sanitizer's symbolizer inherits it. */
static void *pass_on_reports(void *unused)
{
    (void)unused;
    static char text[65536];
    size_t length = 0;
    const char *seen = text;
    while (strstr(seen, no_more_reports) == NULL) {
        const ssize_t more = read(report_pipe[0], text + length, sizeof text - 1 - length);
        if (more <= 0)
            abort();
        length += (size_t)more;
        for (const char *next; (next = strstr(seen, "It is here:\n")) != NULL; seen = next + 1)
            __atomic_fetch_add(&reports_begun, 1, __ATOMIC_RELEASE);
    }
    fputs(text, stdout);
    return NULL;
}

void *wait_among_several(void *number); /* visible: a stack names it */

void *wait_among_several(void *number)
{
    announce(number);
    waitgroup_wait(&wg);
    return NULL;
}

/* Between a report's text and its stack: holds the first one there until every wait is overdue, and has
 * come to rest. If time is too short for that, on a busy machine, the test only sees less. */
static int first_stack_is_slow;

int backtrace(void **frames, int size)
{
    static int entered, slept;
    if (first_stack_is_slow) {
        if (!__atomic_exchange_n(&entered, 1, __ATOMIC_RELAXED)) {
            usleep(300000);
            await_sleep_of_the_others();
            __atomic_store_n(&slept, 1, __ATOMIC_RELEASE);
        }
        while (!__atomic_load_n(&slept, __ATOMIC_ACQUIRE))
            usleep(1000);
    }
    int (*libc)(void **, int);
    *(void **)&libc = dlsym(RTLD_NEXT, "backtrace");
    return libc(frames, size);
}

static void stall_several(char **unused)
{
    (void)unused;
    report_into_pipe();
    first_stack_is_slow = 1;
    waitgroup_add(&wg, 1);
    pthread_t waiters[SEVERAL];
    const pthread_t reader = start(pass_on_reports);
    for (int i = 0; i < SEVERAL; i++)
        if (pthread_create(&waiters[i], NULL, wait_among_several, &thread_ids[i]) != 0)
            abort();
    while (__atomic_load_n(&reports_begun, __ATOMIC_ACQUIRE) < SEVERAL)
        sched_yield();
    waitgroup_done(&wg);
    for (int i = 0; i < SEVERAL; i++)
        pthread_join(waiters[i], NULL);
    if (write(report_pipe[1], no_more_reports, sizeof no_more_reports - 1) < 0)
        abort();
    pthread_join(reader, NULL);
}

const struct scenario stall_scenarios[] = {
    {"stall", stall},
    {"stall-overwritten", stall_overwritten},
    {"stall-cancelled", stall_cancelled},
    {"stall-then-timeout", stall_then_timeout},
    {"stall-unheard", stall_unheard},
    {"stall-below-zero", stall_below_zero},
    {"stall-at-millions", stall_at_millions},
    {"stall-in-foreign", stall_in_foreign},
    {"stall-several", stall_several},
    {NULL, NULL},
};
