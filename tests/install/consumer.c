/* A user's program, in C and C++, that knows the installed header only. Its argument picks what it
 * does wrong; the runner knows the verdict that each deserves. With LOADED it has the library by
 * dlopen() alone. */
#include <waitgroup.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef LOADED
#    include <dlfcn.h>
static void (*group_add)(waitgroup_t *, int);
static void (*group_done)(waitgroup_t *);
static void (*group_wait)(waitgroup_t *);
static int (*group_clockwait)(waitgroup_t *, clockid_t, const struct timespec *);
static int (*group_go)(waitgroup_t *, void (*)(void *), void *);

static void find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);
    if (address == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(3);
    }
    memcpy(function, &address, sizeof address);
}

static void load(void)
{
    void *library = dlopen(LOADED, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(3);
    }
    find(library, "waitgroup_add", &group_add);
    find(library, "waitgroup_done", &group_done);
    find(library, "waitgroup_wait", &group_wait);
    find(library, "waitgroup_clockwait", &group_clockwait);
    find(library, "waitgroup_go", &group_go);
}
#else
#    define group_add       waitgroup_add
#    define group_done      waitgroup_done
#    define group_wait      waitgroup_wait
#    define group_clockwait waitgroup_clockwait
#    define group_go        waitgroup_go
static void load(void)
{
}
#endif

/* TSan's barrier orders threads in time and in nothing else. */
#if defined(__SANITIZE_THREAD__)
#    define HAVE_TSAN 1
#elif defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define HAVE_TSAN 1
#    endif
#endif
#ifdef HAVE_TSAN
#    ifdef __cplusplus
extern "C" {
#    endif
void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count);
void __tsan_testonly_barrier_wait(unsigned long long *barrier);
#    ifdef __cplusplus
}
#    endif
#else
static void __tsan_testonly_barrier_init(unsigned long long *barrier, unsigned count)
{
    *barrier = count;
}
static void __tsan_testonly_barrier_wait(unsigned long long *barrier)
{
    (void)barrier;
    fprintf(stderr, "this mode needs ThreadSanitizer\n");
    exit(3);
}
#endif

enum { WORKERS = 8 };

waitgroup_t group = WAITGROUP_INIT;
unsigned long long barrier;
int results[WORKERS];

static void square(void *cell)
{
    int *p = (int *)cell;
    *p = (int)(p - results) * (int)(p - results);
}

static void *square_and_done(void *cell)
{
    square(cell);
    group_done(&group);
    return NULL;
}

static int sum(void)
{
    int total = 0;
    for (int i = 0; i < WORKERS; i++)
        total += results[i];
    return total;
}

static pthread_t start(void *(*function)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, function, argument) != 0)
        exit(3);
    return thread;
}

/* Rounds by threads of our own and by waitgroup_go(): correct. */
static void clean(void)
{
    for (int round = 0; round < 20; round++) {
        group_add(&group, WORKERS);
        pthread_t threads[WORKERS];
        for (int i = 0; i < WORKERS; i++)
            threads[i] = start(square_and_done, &results[i]);
        group_wait(&group);
        if (sum() != 140)
            exit(4);
        memset(results, 0, sizeof results);
        for (int i = 0; i < WORKERS; i++)
            pthread_join(threads[i], NULL);
        for (int i = 0; i < WORKERS; i++)
            if (group_go(&group, square, &results[i]) != 0)
                exit(3);
        group_wait(&group);
        if (sum() != 140)
            exit(4);
        memset(results, 0, sizeof results);
    }
}

static int wait_in_the_past(void)
{
    const struct timespec past = {0, 0};
    return group_clockwait(&group, CLOCK_MONOTONIC, &past);
}

static void user_adds(void)
{
    group_add(&group, 1);
}

static void *add_in_thread(void *unused)
{
    user_adds();
    __tsan_testonly_barrier_wait(&barrier);
    __tsan_testonly_barrier_wait(&barrier);
    group_done(&group);
    return unused;
}

/* Add in the thread that it counts, and a Wait that is unordered with it (and gives up at once). */
static void misuse(void)
{
    __tsan_testonly_barrier_init(&barrier, 2);
    pthread_t thread = start(add_in_thread, NULL);
    __tsan_testonly_barrier_wait(&barrier);
    if (wait_in_the_past() != ETIMEDOUT)
        exit(4);
    __tsan_testonly_barrier_wait(&barrier);
    pthread_join(thread, NULL);
}

static void *write_then_done(void *unused)
{
    results[0] = 1;
    __tsan_testonly_barrier_wait(&barrier);
    group_done(&group);
    return unused;
}

static int user_reads(void)
{
    return results[0];
}

/* The result is read after an Add of another thread, which orders nothing; visible atomics would. */
static void unordered(void)
{
    __tsan_testonly_barrier_init(&barrier, 2);
    group_add(&group, 2);
    pthread_t thread = start(write_then_done, NULL);
    __tsan_testonly_barrier_wait(&barrier);
    group_add(&group, -1);
    if (user_reads() != 1)
        exit(4);
    pthread_join(thread, NULL);
}

static void negative(void)
{
    group_done(&group);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {{"clean", clean}, {"misuse", misuse}, {"unordered", unordered}, {"panic", negative}};

    load();
    for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp(argv[1], modes[i].name) == 0) {
            modes[i].run();
            puts("DONE");
            return 0;
        }
    fprintf(stderr, "usage: consumer clean|misuse|unordered|panic\n");
    return 3;
}
