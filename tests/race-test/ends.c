/* A program that ends as its first argument says, after a data race if there is a second one. */
#include "work.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count);
void __tsan_testonly_barrier_wait(unsigned long long *barrier);
void AnnotateIgnoreSyncBegin(const char *file, int line);
static unsigned long long barrier;

int shared;
static waitgroup_t group;

static void bump(void)
{
    shared++;
}

static void *race_in_thread(void *arg)
{
    bump();
    __tsan_testonly_barrier_wait(&barrier);
    return arg;
}

static void race(void)
{
    __tsan_testonly_barrier_init(&barrier, 2);
    pthread_t thread = start_thread(race_in_thread, NULL);
    __tsan_testonly_barrier_wait(&barrier);
    bump();
    pthread_join(thread, NULL);
}

static void assert_that_it_is_one(void)
{
    assert(shared == 1 && "one");
}

static void assert_that_it_is_seven(void)
{
    assert(shared == 7 && "seven");
}

static void give_up(void)
{
    abort();
}

static void give_up_elsewhere(void)
{
    abort();
}

static void leave(void)
{
    exit(3);
}

static void leave_elsewhere(void)
{
    exit(3);
}

static void leave_at_once(void)
{
    _exit(9);
}

static void leave_at_once_elsewhere(void)
{
    _Exit(9);
}

static void leave_by_the_bare_call(void)
{
    syscall(SYS_exit_group, 5);
}

static void leave_quickly(void)
{
    quick_exit(4);
}

static void leave_quickly_elsewhere(void)
{
    quick_exit(4);
}

static void write_to_nobody(void)
{
    int ends[2];
    if (pipe(ends) != 0 || close(ends[0]) != 0 || write(ends[1], "", 1) < 0)
        perror("pipe");
}

/* Both processes end in the same way, each at a place of its own. */
static void leave_as_the_child(void)
{
    int status = 0;
    if (fork() == 0)
        leave();
    wait(&status);
    exit(WEXITSTATUS(status));
}

static void child_gives_up(void)
{
    if (fork() == 0)
        give_up();
    wait(NULL);
}

static void child_fails_and_parent_gives_up(void)
{
    if (fork() == 0)
        assert_that_it_is_seven();
    wait(NULL);
    give_up_elsewhere();
}

static void divide_by_nothing(void)
{
    __builtin_trap();
}

static void write_nowhere(void)
{
    *(volatile int *)(long)(shared < 0) = 1;
}

static void raise_one_of_the_users(void)
{
    raise(SIGUSR1);
}

static void raise_the_last_signal(void)
{
    raise(SIGRTMAX);
}

static void be_killed(void)
{
    raise(SIGKILL);
}

static void panic(void)
{
    waitgroup_done(&group);
}

/* One Done of its own and one of waitgroup_go(): the second panics, whose stack shows no task any more. */
static void done_by_itself(void *arg)
{
    waitgroup_done(arg);
}

static void done_by_itself_elsewhere(void *arg)
{
    waitgroup_done(arg);
}

static void wait_for_panic_of(void (*task)(void *))
{
    static waitgroup_t never;
    waitgroup_add(&never, 1);
    start_task(&group, task, &group);
    waitgroup_wait(&never);
}

static void panic_after_task(void)
{
    wait_for_panic_of(done_by_itself);
}

static void panic_after_task_elsewhere(void)
{
    wait_for_panic_of(done_by_itself_elsewhere);
}

static void *ignore_for_ever(void *arg)
{
    AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
    return arg;
}

static void end_with_ignores(void)
{
    pthread_join(start_thread(ignore_for_ever, NULL), NULL);
}

static const struct {
    const char *name;
    void (*end)(void);
} ends[] = {
    {"assert-one", assert_that_it_is_one},
    {"assert-seven", assert_that_it_is_seven},
    {"abort", give_up},
    {"abort-elsewhere", give_up_elsewhere},
    {"exit", leave},
    {"exit-elsewhere", leave_elsewhere},
    {"_exit", leave_at_once},
    {"_exit-elsewhere", leave_at_once_elsewhere},
    {"exit_group", leave_by_the_bare_call},
    {"quick_exit", leave_quickly},
    {"quick_exit-elsewhere", leave_quickly_elsewhere},
    {"pipe", write_to_nobody},
    {"child-exit", leave_as_the_child},
    {"child-abort", child_gives_up},
    {"child-assert", child_fails_and_parent_gives_up},
    {"trap", divide_by_nothing},
    {"crash", write_nowhere},
    {"kill", be_killed},
    {"user-signal", raise_one_of_the_users},
    {"last-signal", raise_the_last_signal},
    {"panic", panic},
    {"go-panic", panic_after_task},
    {"go-panic-elsewhere", panic_after_task_elsewhere},
    {"ignores", end_with_ignores},
};

int main(int argc, char **argv)
{
    if (argc > 2)
        race();
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (argc > 1 && strcmp(argv[1], ends[i].name) == 0)
            ends[i].end();
    return argc == 1 || strcmp(argv[1], "return") == 0 ? 7 : 0;
}
