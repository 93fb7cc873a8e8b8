/* WAITGROUP_DONE_ON_RETURN counts down once on each way out of its scope, in C and C++. With
 * -fexceptions (C++: always) also when the thread exits or is cancelled. */
#include <waitgroup.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>

static waitgroup_t group = WAITGROUP_INIT;
static int failures;
static int result;

static int is_zero(waitgroup_t *wg)
{
    const struct timespec past = {0, 0};
    return waitgroup_clockwait(wg, CLOCK_MONOTONIC, &past) == 0;
}

static void expect(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        failures++;
    }
}

static int returned_value(void)
{
    expect(!is_zero(&group), "what return returns is computed before the Done");
    return 7;
}

static int by_return(void)
{
    WAITGROUP_DONE_ON_RETURN(&group);
    return returned_value();
}

static void by_the_end(void)
{
    WAITGROUP_DONE_ON_RETURN(&group);
    expect(!is_zero(&group), "no Done before the end");
}

static void by_jumps(void)
{
    waitgroup_add(&group, 3);
    for (int i = 0; i < 2; i++) {
        WAITGROUP_DONE_ON_RETURN(&group);
        if (i == 0)
            continue;
        break;
    }
    {
        WAITGROUP_DONE_ON_RETURN(&group);
        expect(!is_zero(&group), "continue and break left one");
        goto out;
    }
out:
    expect(is_zero(&group), "after continue, break and goto");
}

static void nested(void)
{
    waitgroup_t inner = WAITGROUP_INIT;
    waitgroup_add(&inner, 1);
    waitgroup_add(&group, 2);
    {
        WAITGROUP_DONE_ON_RETURN(&group);
        WAITGROUP_DONE_ON_RETURN(&group);
        {
            WAITGROUP_DONE_ON_RETURN(&inner);
        }
        expect(is_zero(&inner) && !is_zero(&group), "the inner scope's Done is the inner group's");
    }
    expect(is_zero(&group), "two in a scope are two Dones");
}

static int evaluations;
static waitgroup_t *the_group(void)
{
    evaluations++;
    return &group;
}

static void evaluated_once(void)
{
    waitgroup_add(&group, 1);
    {
        WAITGROUP_DONE_ON_RETURN(the_group());
        expect(evaluations == 1, "evaluated at its place");
    }
    expect(evaluations == 1 && is_zero(&group), "evaluated once");
}

/* Not by longjmp(): the program counts down itself. */
static jmp_buf before;
static void jump(void)
{
    WAITGROUP_DONE_ON_RETURN(&group);
    longjmp(before, 1);
}
static void by_longjmp(void)
{
    waitgroup_add(&group, 1);
    if (setjmp(before) == 0)
        jump();
    expect(!is_zero(&group), "longjmp() passes it by");
    waitgroup_done(&group);
}

static void *task(void *early)
{
    WAITGROUP_DONE_ON_RETURN(&group);
    result = 1;
    if (early)
        return NULL;
    result = 2;
    return NULL;
}

static void run_thread(void *(*function)(void *), void *argument, int cancel)
{
    pthread_t thread;
    waitgroup_add(&group, 1);
    if (pthread_create(&thread, NULL, function, argument) != 0) {
        expect(0, "a thread starts");
        return;
    }
    if (cancel)
        pthread_cancel(thread);
    waitgroup_wait(&group);
    expect(result == (argument ? 1 : 2), "the write before the Done is seen after the Wait");
    pthread_join(thread, NULL);
}

#ifdef __EXCEPTIONS
static void *by_exit(void *unused)
{
    WAITGROUP_DONE_ON_RETURN(&group);
    result = 2;
    pthread_exit(unused);
}
static void *by_cancel(void *unused)
{
    WAITGROUP_DONE_ON_RETURN(&group);
    result = 2;
    for (;;)
        pause();
    return unused;
}
#    ifdef __cplusplus
static void thrower(void)
{
    WAITGROUP_DONE_ON_RETURN(&group);
    throw 1;
}
static void by_exception(void)
{
    waitgroup_add(&group, 1);
    /* clang-format off */
    try {
        thrower();
    } catch (int) {
        expect(is_zero(&group), "an exception counts down");
    }
    /* clang-format on */
}
#    endif
#endif

int main(void)
{
    waitgroup_add(&group, 1);
    expect(by_return() == 7 && is_zero(&group), "return");
    waitgroup_add(&group, 1);
    by_the_end();
    expect(is_zero(&group), "the end");
    by_jumps();
    nested();
    evaluated_once();
    by_longjmp();
    int early = 1;
    run_thread(task, NULL, 0);
    run_thread(task, &early, 0);
#ifdef __EXCEPTIONS
    run_thread(by_exit, NULL, 0);
    run_thread(by_cancel, NULL, 1);
#    ifdef __cplusplus
    by_exception();
#    endif
#endif
    if (failures)
        return 1;
    puts("DONE");
    return 0;
}
