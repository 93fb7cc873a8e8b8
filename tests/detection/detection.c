/* How surely TSan reports an add that nothing orders against a wait.
 *
 *   detection ordered ADDERS WAITERS add-first|wait-first   one after the other in time, no edges
 *   detection together TRIALS                               both at the very same instant, TRIALS groups
 *   detection groups 2                                      two groups, misused in two ways
 *   detection evicted OTHERS                                OTHERS ordered adds in between
 *   detection history CALLS                                 CALLS calls later in the adder's thread */
#include "../verdict/scenario.h"

#include <string.h>

#if defined(__clang__)
#    define UNSEEN __attribute__((disable_sanitizer_instrumentation, noinline))
#else
#    define UNSEEN __attribute__((no_sanitize_thread, noinline))
#endif

enum { MAXIMUM = 100000 };

static waitgroup_t groups[MAXIMUM];
static unsigned turn;

/* Threads act in the order of their numbers; TSan sees no edge. */
UNSEEN static void await_turn(unsigned number)
{
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != number)
        sched_yield();
}

UNSEEN static void next_turn(void)
{
    __atomic_fetch_add(&turn, 1, __ATOMIC_RELEASE);
}

/* Both threads leave at the same moment, spinning. */
UNSEEN static void meet(void)
{
    const unsigned arrived = __atomic_add_fetch(&turn, 1, __ATOMIC_ACQ_REL);
    const unsigned both = arrived + (arrived & 1);
    while ((int)(__atomic_load_n(&turn, __ATOMIC_ACQUIRE) - both) < 0)
        ;
}

struct role {
    unsigned number;
    int adds;
};

static void *act(void *argument)
{
    struct role *role = argument;
    await_turn(role->number);
    if (role->adds) {
        waitgroup_add(groups, 1);
        waitgroup_done(groups);
    } else {
        waitgroup_wait(groups);
    }
    next_turn();
    await_turn(MAXIMUM); /* live threads keep their history */
    return NULL;
}

static pthread_t start_role(unsigned number, int adds)
{
    static struct role roles[256];
    roles[number] = (struct role){number, adds};
    pthread_t thread;
    if (pthread_create(&thread, NULL, act, &roles[number]) != 0)
        exit(3);
    return thread;
}

static void ordered(unsigned adders, unsigned waiters, int adders_first)
{
    pthread_t threads[256];
    const unsigned all = adders + waiters;
    for (unsigned i = 0; i < all; i++)
        threads[i] = start_role(i, adders_first ? i < adders : i >= waiters);
    await_turn(all);
    __atomic_store_n(&turn, MAXIMUM, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < all; i++)
        thread_join(threads[i]);
}

static unsigned trials;

static void *add_together(void *unused)
{
    for (unsigned i = 0; i < trials; i++) {
        meet();
        waitgroup_add(&groups[i], 1);
        waitgroup_done(&groups[i]);
    }
    return unused;
}

static void *wait_together(void *unused)
{
    for (unsigned i = 0; i < trials; i++) {
        meet();
        waitgroup_wait(&groups[i]);
    }
    return unused;
}

static moment_t added;

static void *add_once(void *unused)
{
    waitgroup_add(groups, 1);
    waitgroup_done(groups);
    moment_pass(&added);
    moment_pass(&added);
    return unused;
}

static void evicted(unsigned others)
{
    moment_init(&added, 2);
    pthread_t first = thread_start(add_once);
    moment_pass(&added);
    for (unsigned i = 0; i < others; i++) {
        pthread_t other = start_role(i, 1);
        await_turn(i + 1);
        __atomic_store_n(&turn, MAXIMUM, __ATOMIC_RELAXED);
        thread_join(other);
        __atomic_store_n(&turn, i + 1, __ATOMIC_RELAXED);
    }
    waitgroup_wait(groups);
    moment_pass(&added);
    thread_join(first);
}

static void nothing(void *unused)
{
    (void)unused;
}

static void *misuse_two(void *unused)
{
    waitgroup_add(&groups[0], 1);
    waitgroup_done(&groups[0]);
    if (waitgroup_go(&groups[1], nothing, NULL) != 0)
        exit(3);
    moment_pass(&added);
    return unused;
}

static void two_groups(void)
{
    moment_init(&added, 2);
    pthread_t thread = thread_start(misuse_two);
    moment_pass(&added);
    waitgroup_wait(&groups[0]);
    waitgroup_wait(&groups[1]);
    thread_join(thread);
}

static unsigned calls;
unsigned counter;

__attribute__((noinline)) static void call(void)
{
    counter++;
}

static void *add_and_call(void *unused)
{
    waitgroup_add(groups, 1);
    waitgroup_done(groups);
    for (unsigned i = 0; i < calls; i++)
        call();
    moment_pass(&added);
    moment_pass(&added);
    return unused;
}

static void history(void)
{
    moment_init(&added, 2);
    pthread_t first = thread_start(add_and_call);
    moment_pass(&added);
    waitgroup_wait(groups);
    moment_pass(&added);
    thread_join(first);
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    const unsigned number = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    if (strcmp(what, "ordered") == 0 && argc == 5) {
        ordered(number, (unsigned)atoi(argv[3]), strcmp(argv[4], "add-first") == 0);
    } else if (strcmp(what, "together") == 0 && number < MAXIMUM) {
        trials = number;
        pthread_t a = thread_start(add_together), b = thread_start(wait_together);
        thread_join(a);
        thread_join(b);
    } else if (strcmp(what, "groups") == 0 && number == 2) {
        two_groups();
    } else if (strcmp(what, "evicted") == 0 && number < 256) {
        evicted(number);
    } else if (strcmp(what, "history") == 0) {
        calls = number;
        history();
    } else {
        fprintf(stderr, "usage: see the head of tests/detection/detection.c\n");
        return 2;
    }
    return done();
}
