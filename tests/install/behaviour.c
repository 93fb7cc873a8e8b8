/* What the library promises in a plain program, for machines and C libraries on which the unit tests'
 * framework does not run. Panics are caught by a handler that jumps. */
#include <waitgroup.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;
#define EXPECT(condition)                                                           \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            failures++;                                                             \
        }                                                                           \
    } while (0)

enum { THREADS = 16, ROUNDS = 200 };

static jmp_buf before_panic;
static const char *panic_message;
static waitgroup_t *panic_group;

static void remember(waitgroup_t *wg, const char *message)
{
    panic_group = wg;
    panic_message = message;
    longjmp(before_panic, 1);
}

static const char *panic_of(waitgroup_t *wg, int first, int second)
{
    panic_message = "none";
    if (setjmp(before_panic) == 0) {
        waitgroup_add(wg, first);
        waitgroup_add(wg, second);
    }
    return panic_message;
}

static void check_layout(void)
{
    struct {
        char before;
        waitgroup_t group;
    } padded;
    EXPECT(sizeof(waitgroup_t) == 16);
    EXPECT(_Alignof(waitgroup_t) == 8);
    EXPECT(((char *)&padded.group - (char *)&padded) % 8 == 0);
    waitgroup_t on_stack = WAITGROUP_INIT;
    EXPECT((uintptr_t)&on_stack % 8 == 0);
    EXPECT(__atomic_always_lock_free(8, 0));
    waitgroup_t *zeroed = calloc(1, sizeof *zeroed);
    EXPECT(zeroed != NULL);
    waitgroup_wait(zeroed);
    free(zeroed);
}

static void check_panics(void)
{
    waitgroup_panic_handler none = waitgroup_set_panic_handler(remember);
    EXPECT(none == NULL);
    waitgroup_t wg = WAITGROUP_INIT;
    EXPECT(strcmp(panic_of(&wg, 0, -1), "sync: negative WaitGroup counter") == 0 && panic_group == &wg);
    memset(&wg, 0, sizeof wg);
    EXPECT(strcmp(panic_of(&wg, 2147483647, 1), "sync: negative WaitGroup counter") == 0);
    memset(&wg, 0, sizeof wg);
    EXPECT(strcmp(panic_of(&wg, 2147483647, -2147483647), "none") == 0);
    EXPECT(waitgroup_set_panic_handler(NULL) == remember);
}

static struct timespec after(clockid_t clock, long milliseconds)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += milliseconds % 1000 * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static int has_passed(clockid_t clock, struct timespec deadline)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec != deadline.tv_sec ? now.tv_sec > deadline.tv_sec : now.tv_nsec >= deadline.tv_nsec;
}

static void check_deadlines(void)
{
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < 2; i++) {
        const struct timespec past = {0, 0}, before_1970 = {-5, 0}, invalid = {0, 1000000000};
        EXPECT(waitgroup_clockwait(&wg, clocks[i], &past) == 0);
        waitgroup_add(&wg, 1);
        EXPECT(waitgroup_clockwait(&wg, clocks[i], &past) == ETIMEDOUT);
        EXPECT(waitgroup_clockwait(&wg, clocks[i], &before_1970) == ETIMEDOUT);
        EXPECT(waitgroup_clockwait(&wg, clocks[i], &invalid) == EINVAL);
        struct timespec soon = after(clocks[i], 30);
        EXPECT(waitgroup_clockwait(&wg, clocks[i], &soon) == ETIMEDOUT && has_passed(clocks[i], soon));
        waitgroup_done(&wg);
    }
    const struct timespec past = {0, 0};
    EXPECT(waitgroup_clockwait(&wg, (clockid_t)12345, &past) == EINVAL);
    EXPECT(waitgroup_clockwait(&wg, CLOCK_MONOTONIC, NULL) == EINVAL);
}

struct job {
    waitgroup_t *tasks, *waiters;
    int *results, number;
    int sum;
};

static void *do_task(void *argument)
{
    struct job *job = argument;
    job->results[job->number] = job->number + 1;
    waitgroup_done(job->tasks);
    return NULL;
}

static void *wait_and_sum(void *argument)
{
    struct job *job = argument;
    if (job->number % 2) {
        struct timespec late = after(CLOCK_MONOTONIC, 60 * 1000);
        EXPECT(waitgroup_clockwait(job->tasks, CLOCK_MONOTONIC, &late) == 0);
    } else
        waitgroup_wait(job->tasks);
    job->sum = 0;
    for (int i = 0; i < THREADS; i++)
        job->sum += job->results[i];
    waitgroup_done(job->waiters);
    return NULL;
}

static void run(pthread_t *thread, void *(*function)(void *), void *argument)
{
    if (pthread_create(thread, NULL, function, argument) != 0) {
        fprintf(stderr, "no thread\n");
        exit(3);
    }
}

/* Many tasks and many waiters, the group reused and at last freed as soon as the last wait is back. */
static void check_rounds(void)
{
    waitgroup_t *tasks = calloc(1, sizeof *tasks);
    waitgroup_t waiters = WAITGROUP_INIT;
    for (int round = 0; round < ROUNDS; round++) {
        int results[THREADS] = {0};
        struct job jobs[THREADS];
        pthread_t threads[2][THREADS];
        waitgroup_add(tasks, THREADS);
        waitgroup_add(&waiters, THREADS);
        for (int i = 0; i < THREADS; i++) {
            jobs[i] = (struct job){tasks, &waiters, results, i, 0};
            run(&threads[0][i], wait_and_sum, &jobs[i]);
            run(&threads[1][i], do_task, &jobs[i]);
        }
        waitgroup_wait(&waiters);
        for (int i = 0; i < THREADS; i++) {
            EXPECT(jobs[i].sum == THREADS * (THREADS + 1) / 2);
            pthread_join(threads[0][i], NULL);
            pthread_join(threads[1][i], NULL);
        }
    }
    free(tasks);
}

static void count(void *counter)
{
    __atomic_fetch_add((int *)counter, 1, __ATOMIC_RELAXED);
}

static void check_go(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int counter = 0;
    for (int i = 0; i < 100; i++)
        EXPECT(waitgroup_go(&wg, count, &counter) == 0);
    waitgroup_wait(&wg);
    EXPECT(counter == 100);
    EXPECT(waitgroup_go(&wg, NULL, NULL) == EINVAL);
}

/* Symbols for those who need an address: bindings and tables of functions. */
static void check_symbols(void)
{
    void (*volatile add)(waitgroup_t *, int) = waitgroup_add;
    void (*volatile done)(waitgroup_t *) = waitgroup_done;
    void (*volatile wait)(waitgroup_t *) = waitgroup_wait;
    waitgroup_t wg = WAITGROUP_INIT;
    add(&wg, 1);
    done(&wg);
    wait(&wg);
}

int main(void)
{
    check_layout();
    check_panics();
    check_deadlines();
    check_rounds();
    check_go();
    check_symbols();
    if (failures)
        return 1;
    puts("DONE");
    return 0;
}
