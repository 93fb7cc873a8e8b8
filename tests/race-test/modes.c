/* A program that misbehaves as its argument says: what race-test must cope with. */
#include "work.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef MOVED /* the same program after somebody has edited the top of the file */
#    line 1000
#endif

static waitgroup_t group;
int shared, other;

/* TSan's invisible barrier: the second access comes after the first, and yet nothing orders them. */
void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count) __attribute__((__weak__));
void __tsan_testonly_barrier_wait(unsigned long long *barrier) __attribute__((__weak__));
static unsigned long long barrier;

static void bump(void)
{
    shared++;
}

static void *bump_directly(void *arg)
{
    bump();
    __tsan_testonly_barrier_wait(&barrier);
    return arg;
}

static void through_here(void)
{
    bump();
}

static void *bump_by_another_path(void *arg)
{
    through_here();
    __tsan_testonly_barrier_wait(&barrier);
    return arg;
}

static void race(void *(*body)(void *))
{
    __tsan_testonly_barrier_init(&barrier, 2);
    pthread_t thread = start_thread(body, NULL);
    __tsan_testonly_barrier_wait(&barrier);
    bump();
    pthread_join(thread, NULL);
}

/* race-test gives each run a seed of its own, the same ones for the same --seed. */
static int seed_is_odd(void)
{
    const char *options = getenv("WAITGROUP_OPTIONS");
    const char *seed = options ? strstr(options, "perturb=") : NULL;
    return seed && strtoull(seed + strlen("perturb="), NULL, 10) % 2;
}

static void *bump_other(void *arg)
{
    other++;
    __tsan_testonly_barrier_wait(&barrier);
    return arg;
}

static void *add_inside(void *arg)
{
    waitgroup_add(&group, 1);
    waitgroup_done(&group);
    __tsan_testonly_barrier_wait(&barrier);
    return arg;
}

static void several(void)
{
    race(bump_directly);
    pthread_t thread = start_thread(bump_other, NULL);
    __tsan_testonly_barrier_wait(&barrier);
    other++;
    pthread_join(thread, NULL);
    thread = start_thread(add_inside, NULL);
    __tsan_testonly_barrier_wait(&barrier);
    waitgroup_wait(&group);
    pthread_join(thread, NULL);
    waitgroup_done(&group);
}

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void *lock_a_then_b(void *arg)
{
    pthread_mutex_lock(&a);
    pthread_mutex_lock(&b);
    pthread_mutex_unlock(&b);
    pthread_mutex_unlock(&a);
    return arg;
}

static void *lock_b_then_a(void *arg)
{
    pthread_mutex_lock(&b);
    pthread_mutex_lock(&a);
    pthread_mutex_unlock(&a);
    pthread_mutex_unlock(&b);
    return arg;
}

static void lock_in_both_orders(void)
{
    pthread_join(start_thread(lock_a_then_b, NULL), NULL);
    pthread_join(start_thread(lock_b_then_a, NULL), NULL);
}

static void *sleep_forever(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static void wait_for_what_never_comes(void)
{
    waitgroup_add(&group, 1);
    waitgroup_wait(&group);
}

static void print_much(void)
{
    for (int i = 0; i < 200000; i++)
        printf("line %d of an output that nobody reads\n", i);
    fflush(stdout);
}

static void print_a_gigabyte(void)
{
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    for (size_t i = 0; i < (1 << 30) / sizeof block; i++)
        if (write(1, block, sizeof block) < 0)
            exit(5);
}

static void print_binary(void)
{
    for (int i = 0; i < 1 << 16; i++)
        putchar(i % 256);
    fflush(stdout);
}

/* As daemons do. What was open below 256 is closed, and then belongs to a file of the program's own. */
static void close_all(void)
{
    for (int fd = 0; fd < 256; fd++)
        close(fd);
    for (int fd = 0; fd < 16; fd++)
        if (open("/dev/null", O_WRONLY) < 0)
            exit(5);
}

/* A child that leaves its session, and so is no longer killed with it. */
static void start_daemon(void)
{
    if (fork() == 0) {
        setsid();
        sleep_forever(NULL);
    }
}

static void race_now(void)
{
    race(bump_directly);
}

static void race_by_two_paths(void)
{
    race(seed_is_odd() ? bump_directly : bump_by_another_path);
}

static void race_in_child(void)
{
    if (fork() == 0) {
        race_now();
        exit(0);
    }
    wait(NULL);
}

static void print_and_race(void)
{
    print_much();
    race_now();
    print_much();
}

static void print_and_panic(void)
{
    print_much();
    waitgroup_done(&group);
}

static void print_forever(void)
{
    for (;;)
        print_much();
}

static void print_a_gigabyte_and_race(void)
{
    print_a_gigabyte();
    race_now();
}

static void close_all_and_race(void)
{
    close_all();
    race_now();
}

static void race_and_wait(void)
{
    race_now();
    wait_for_device(300000);
}

static void hang(void)
{
    sleep_forever(NULL);
}

static void print_binary_and_hang(void)
{
    print_binary();
    hang();
}

static void start_daemon_and_hang(void)
{
    start_daemon();
    hang();
}

static void crash(void)
{
    static volatile int *nowhere;
    *nowhere = 1;
}

static void fail_assertion(void)
{
    fprintf(stderr, "assertion failed: the moon is full\n");
    abort();
}

static void do_nothing(void)
{
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
        int status; /* of main() */
    } modes[] = {
        {"clean", do_nothing, 0},
        {"race", race_now, 0},
        {"two-paths", race_by_two_paths, 0},
        {"lock-order", lock_in_both_orders, 0},
        {"several", several, 0},
        {"fork-race", race_in_child, 0},
        {"print-and-race", print_and_race, 0},
        {"print-and-panic", print_and_panic, 0},
        {"print-forever", print_forever, 0},
        {"print-a-gigabyte", print_a_gigabyte_and_race, 0},
        {"close-all-and-race", close_all_and_race, 0},
        {"close-all-and-status", close_all, 3},
        {"wait", wait_for_what_never_comes, 0},
        {"slow-race", race_and_wait, 0},
        {"print-binary-and-hang", print_binary_and_hang, 0},
        {"hang", hang, 0},
        {"daemon", start_daemon, 0},
        {"daemon-and-hang", start_daemon_and_hang, 0},
        {"crash", crash, 0},
        {"abort", fail_assertion, 0},
        {"status", do_nothing, 3},
    };
    const char *const mode = argc > 1 ? argv[1] : "clean";
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(mode, modes[i].name) == 0) {
            modes[i].run();
            return modes[i].status;
        }
    return 4;
}
