/* The processes that messages.c looks at: `child SCENARIO [handled]`. */
#define _GNU_SOURCE
#include "options.h"
#include "sema.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

static waitgroup_t wg, other;

static void handle(waitgroup_t *group, const char *message)
{
    (void)group;
    printf("handled: %s\n", message);
    fflush(stdout);
}

static void await_waiter(void)
{
    while ((uint32_t)__atomic_load_n(&wg.state, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
}

/* A round that begins while the wait of the one before is still on its way out cannot be forced from
 * outside; what the wait then finds can: a ticket, and a word that is not zero. */
static void *begin_next_round(void *unused)
{
    (void)unused;
    await_waiter();
    __atomic_store_n(&wg.state, UINT64_C(1) << 32, __ATOMIC_RELAXED);
    waitgroup_sema_release_(&wg.sema, 1);
    return NULL;
}

static const struct timespec *deadline;

static void wait_and_tell(void)
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

static void *wait_cancelled(void *unused)
{
    (void)unused;
    pthread_cancel(pthread_self());
    int state;
    wait_and_tell();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    fflush(stdout);
    return NULL;
}

static void *panic_cancelled(void *unused)
{
    (void)unused;
    pthread_cancel(pthread_self());
    waitgroup_done(&wg);
    return NULL;
}

static int report_pipe[2];

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

static void *overwrite(void *unused)
{
    (void)unused;
    await_waiter();
    memset(&wg, 0, sizeof wg);
    await_report();
    waitgroup_sema_release_(&wg.sema, 1); /* the group has forgotten its waiter */
    return NULL;
}

static void *release_when_waited_for(void *unused)
{
    (void)unused;
    await_waiter();
    waitgroup_done(&wg);
    return NULL;
}

static pthread_t start(void *(*routine)(void *))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, routine, NULL) != 0)
        abort();
    return thread;
}

static void stall_until_reported(void *(*release)(void *))
{
    if (pipe(report_pipe) != 0 || dup2(report_pipe[1], STDERR_FILENO) < 0)
        abort();
    waitgroup_add(&wg, 3);
    const pthread_t releaser = start(release);
    wait_and_tell();
    pthread_join(releaser, NULL);
}

/* ------------------------------------------------------------------------ several that report at once */

enum { SEVERAL = 8 };
static int thread_ids[SEVERAL];

static void announce(void *number)
{
    __atomic_store_n((int *)number, gettid(), __ATOMIC_RELEASE);
}

static int is_asleep(int thread_id)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread_id);
    FILE *const stat = fopen(path, "r");
    if (stat == NULL || fscanf(stat, "%*d %*s %c", &state) != 1)
        _exit(98);
    fclose(stat);
    return state == 'S';
}

static void await_sleep_of_the_others(void)
{
    for (int i = 0; i < SEVERAL; i++) {
        int thread_id;
        do
            thread_id = __atomic_load_n(&thread_ids[i], __ATOMIC_ACQUIRE);
        while (thread_id == 0 || (thread_id != gettid() && !is_asleep(thread_id)));
    }
}

/* Between a panic's message and the end of the process: holds the first one there until no other thread
 * has anything left to say. */
static void (*on_abort)(int);

static void delay_abort(int number)
{
    static int entered;
    if (__atomic_exchange_n(&entered, 1, __ATOMIC_RELAXED))
        for (;;)
            pause();
    await_sleep_of_the_others();
    signal(number, on_abort); /* which is to be told when coverage is measured */
    raise(number);
}

static void *panic_with_others(void *number)
{
    announce(number);
    waitgroup_done(&wg);
    return NULL;
}

static void panic_in_several(void)
{
    on_abort = signal(SIGABRT, delay_abort);
    for (int i = 0; i < SEVERAL; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, panic_with_others, &thread_ids[i]) != 0)
            _exit(97);
    }
    for (;;)
        pause();
}

static void panic_again(int number)
{
    (void)number;
    waitgroup_add(&other, -2);
}

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

static void stall_several(void)
{
    if (pipe(report_pipe) != 0 || dup2(report_pipe[1], STDERR_FILENO) < 0)
        abort();
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

/* From here on the kernel refuses to sleep on a futex in the way of the library (libc has another). */
static void forbid_futex(void)
{
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_BITSET_PRIVATE, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {sizeof instructions / sizeof *instructions, instructions};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        perror("seccomp");
        _exit(96);
    }
}

static struct timespec after(long milliseconds)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += milliseconds * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static void wait_a_while(long milliseconds)
{
    const struct timespec soon = after(milliseconds);
    deadline = &soon;
    wait_and_tell();
}

/* ----------------------------------------------------------------- memory that is no group, or not ours */

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

static void use_foreign(const char *pattern, const char *name)
{
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
static void use_groups(void)
{
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

static void share(void (*wait)(waitgroup_t *))
{
    waitgroup_t *const group =
        mmap(NULL, sizeof *group, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const pid_t parent = getpid();
    waitgroup_add(group, 1);
    if (fork_or_die() == 0) {
        while ((uint32_t)__atomic_load_n(&group->state, __ATOMIC_ACQUIRE) == 0 && getppid() == parent)
            sched_yield();
        waitgroup_done(group);
        _exit(0);
    }
    wait(group);
    puts("woken");
}

static void wait_a_second(waitgroup_t *group)
{
    const struct timespec soon = after(1000);
    if (waitgroup_clockwait(group, CLOCK_MONOTONIC, &soon) != 0)
        _exit(92);
}

int main(int argc, char **argv)
{
    const char *const scenario = argc > 1 ? argv[1] : "";
    if (argc > 2 && strcmp(argv[2], "handled") == 0)
        waitgroup_set_panic_handler(handle);

    if (strcmp(scenario, "options") == 0) {
        printf("%d %d %" PRIu64 " %" PRIu64 "\n", waitgroup_options_.strict,
               waitgroup_options_.report_locks_held, waitgroup_options_.stall_after,
               waitgroup_options_.perturb);
    } else if (strcmp(scenario, "negative") == 0) {
        waitgroup_done(&wg);
    } else if (strcmp(scenario, "overflow") == 0) {
        waitgroup_add(&wg, INT32_MAX);
        waitgroup_add(&wg, 1);
    } else if (strcmp(scenario, "negative-cancelled") == 0) {
        pthread_join(start(panic_cancelled), NULL);
    } else if (strcmp(scenario, "negative-unheard") == 0) {
        close(STDERR_FILENO);
        waitgroup_done(&wg);
    } else if (strcmp(scenario, "negative-in-several") == 0) {
        panic_in_several();
    } else if (strcmp(scenario, "negative-again") == 0) {
        signal(SIGABRT, panic_again);
        waitgroup_done(&wg);
    } else if (strcmp(scenario, "misuse") == 0) {
        wg.state = 1; /* what others see while a release is in flight */
        waitgroup_add(&wg, 1);
    } else if (strcmp(scenario, "reused") == 0) {
        waitgroup_add(&wg, 1);
        start(begin_next_round);
        waitgroup_wait(&wg);
    } else if (strcmp(scenario, "null") == 0) {
        waitgroup_wait(NULL);
    } else if (strcmp(scenario, "futex-refused") == 0) {
        waitgroup_add(&wg, 1);
        forbid_futex();
        waitgroup_wait(&wg);
    } else if (strcmp(scenario, "copied") == 0) {
        waitgroup_add(&wg, 1);
        memcpy(&other, &wg, sizeof other);
        waitgroup_done(&other);
    } else if (strcmp(scenario, "copied-and-forgotten") == 0) {
        /* More groups than the library remembers in full come between. */
        static waitgroup_t many[1 << 20];
        waitgroup_add(&wg, 1);
        memcpy(&other, &wg, sizeof other);
        for (int i = 0; i < 1 << 20; i++)
            waitgroup_wait(&many[i]);
        waitgroup_done(&other);
    } else if (strcmp(scenario, "not-copied") == 0) {
        waitgroup_t local = WAITGROUP_INIT;
        waitgroup_wait(&local);
        memcpy(&other, &wg, sizeof other); /* not used yet: no harm */
        waitgroup_add(&other, 1);
        waitgroup_done(&other);
        waitgroup_wait(&other);
        memset(&other, 0, sizeof other); /* zero bytes are a new group */
        memcpy(&wg, &other, sizeof wg);
        waitgroup_wait(&wg);
        puts("ok");
    } else if (strcmp(scenario, "foreign") == 0 && argc == 4) {
        use_foreign(argv[2], argv[3]);
    } else if (strcmp(scenario, "groups") == 0) {
        use_groups();
    } else if (strcmp(scenario, "forked-idle") == 0 || strcmp(scenario, "forked-in-use") == 0) {
        use_in_child(strcmp(scenario, "forked-in-use") == 0);
    } else if (strcmp(scenario, "shared") == 0) {
        share(waitgroup_wait);
    } else if (strcmp(scenario, "shared-deadline") == 0) {
        share(wait_a_second);
    } else if (strcmp(scenario, "stall-overwritten") == 0) {
        stall_until_reported(overwrite);
    } else if (strcmp(scenario, "stall") == 0) {
        stall_until_reported(release_after_report);
    } else if (strcmp(scenario, "stall-several") == 0) {
        stall_several();
    } else if (strcmp(scenario, "stall-cancelled") == 0) {
        if (pipe(report_pipe) != 0 || dup2(report_pipe[1], STDERR_FILENO) < 0)
            abort();
        waitgroup_add(&wg, 3);
        const pthread_t releaser = start(release_after_report), waiter = start(wait_cancelled);
        pthread_join(waiter, NULL);
        pthread_join(releaser, NULL);
    } else if (strcmp(scenario, "stall-then-timeout") == 0 || strcmp(scenario, "stall-unheard") == 0) {
        if (strcmp(scenario, "stall-unheard") == 0)
            close(STDERR_FILENO);
        waitgroup_add(&wg, 3);
        wait_a_while(1000); /* long after the report, also on a busy machine */
    } else if (strcmp(scenario, "timeout") == 0) {
        waitgroup_add(&wg, 1);
        wait_a_while(20);
    } else if (strcmp(scenario, "release") == 0) {
        waitgroup_add(&wg, 1);
        const pthread_t releaser = start(release_when_waited_for);
        wait_and_tell();
        pthread_join(releaser, NULL);
    } else {
        fprintf(stderr, "child: unknown scenario \"%s\"\n", scenario);
        return 99;
    }
    return 0;
}
