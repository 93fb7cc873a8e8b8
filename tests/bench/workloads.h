/* The workloads, once for every peer in C and C++; in one file, as each peer is one translation unit and has
 * all of them.
 *
 * A peer defines, before it includes this file:
 *   group                   storage of one group; zero-initialized static memory is not yet ready
 *   group_begin(g, n)       makes g ready for a round of n tasks
 *   group_done(g)           one task has finished
 *   group_wait(g)           blocks until all n have
 *   group_end(g)            the round is over and every wait has returned
 *   group_go(g)             starts a detached thread that calls group_done(g)  (optional)
 *   group_add(g)            one task more
 *   HAS_ADD, HAS_WAIT_AT_ZERO, SINGLE_USE: 0 or defined where a peer cannot add, wait again, be used again
 *   gate_begin, gate_open, gate_wait, gate_end on a gate: where many threads wait for one (optional)
 *   micro_begin, micro_add, micro_done, micro_wait: on a group that nobody sleeps on (optional)
 *   MICRO_SINK              what a peer's micro operations accumulate (optional)
 *   look_on(g)              what a wait does before it sleeps (optional)
 *
 *   peer WORKLOAD THREADS MILLISECONDS   runs one for that long and prints "name value" lines
 *
 * Groups that cannot be used again are made anew by each begin. Their end comes a round late, when no
 * thread can still be on its way out of the round before: not every peer lets go of a group at once. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef group_go
static void *finish(void *g)
{
    group_done((group *)g);
    return NULL;
}
#    define group_go(g)        \
        do {                   \
            group_begin(g, 1); \
            start_detached(g); \
        } while (0)
#    define NEEDS_DETACHED 1
#endif

#ifndef gate_begin
typedef group gate;
#    define gate_begin(g) group_begin(g, 1)
#    define gate_open(g)  group_done(g)
#    define gate_wait(g)  group_wait(g)
#    define gate_end(g)   group_end(g)
#endif

#ifndef micro_done
#    define micro_add(g)  group_add(g)
#    define micro_done(g) group_done(g)
#    define micro_wait(g) group_wait(g)
#endif

/* Each in a cache line of its own, or neighbours would be measured. */
#define CACHE_LINE __attribute__((__aligned__(128)))

static void fail(const char *what, int error)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(error));
    exit(1);
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_ns(int64_t ns)
{
    struct timespec t = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    nanosleep(&t, NULL);
}

static int64_t budget; /* nanoseconds to run a workload for */
static int threads;

static void start(void *(*body)(void *), void *argument, size_t stack)
{
    pthread_attr_t attributes;
    pthread_t id;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (stack)
        pthread_attr_setstacksize(&attributes, stack);
    int error = pthread_create(&id, &attributes, body, argument);
    if (error != 0)
        fail("pthread_create", error);
    pthread_attr_destroy(&attributes);
}

#ifdef NEEDS_DETACHED
static void start_detached(group *g)
{
    start(finish, g, 0);
}
#endif

/* ------------------------------------------------------------------------------------ results */

static double *samples;
static size_t sample_count;

static void add_sample(double value)
{
    static size_t room;
    if (sample_count == room) {
        room = room ? 2 * room : 1024;
        samples = (double *)realloc(samples, room * sizeof *samples);
        if (samples == NULL)
            fail("samples", ENOMEM);
    }
    samples[sample_count++] = value;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Prints a quantile of the samples; the last of a kind forgets them. */
static void print_quantile(const char *name, double quantile)
{
    qsort(samples, sample_count, sizeof *samples, compare);
    size_t last = sample_count - 1;
    printf("%s %.3f\n", name, samples[(size_t)(quantile * (double)last + 0.5)]);
}

/* ------------------------------------------------------------------------ nobody sleeps: loops */

#ifdef MICRO_SINK
volatile uint64_t used;
#    define SINK  uint64_t MICRO_SINK = 0
#    define DRAIN used = MICRO_SINK
#else
#    define SINK  (void)0
#    define DRAIN (void)0
#endif

#ifndef HAS_ADD
#    define HAS_ADD 1
#endif
#ifndef HAS_WAIT_AT_ZERO
#    define HAS_WAIT_AT_ZERO 1
#endif

static CACHE_LINE group micro_group;

/* Loops in functions of their own on a pointer that the compiler knows nothing of. */
#if HAS_ADD
__attribute__((__noinline__)) static void loop_add_done(group *g, long n)
{
    SINK;
    for (long i = 0; i < n; i++) {
        micro_add(g);
        micro_done(g);
    }
    DRAIN;
}

__attribute__((__noinline__)) static void pair_add_done(group *g)
{
    SINK;
    micro_add(g);
    micro_done(g);
    DRAIN;
}

static void loop_call_add_done(group *g, long n)
{
    for (long i = 0; i < n; i++)
        pair_add_done(g);
}
#endif

#if HAS_ADD && !defined(SINGLE_USE)
__attribute__((__noinline__)) static void loop_add_done_wait(group *g, long n)
{
    SINK;
    for (long i = 0; i < n; i++) {
        micro_add(g);
        micro_done(g);
        micro_wait(g);
    }
    DRAIN;
}
#endif

#if HAS_WAIT_AT_ZERO
__attribute__((__noinline__)) static void loop_wait(group *g, long n)
{
    SINK;
    for (long i = 0; i < n; i++)
        micro_wait(g);
    DRAIN;
}
#endif

/* The median of short chunks: one that lost the CPU for a while does not count. */
#define CHUNK 300000

__attribute__((__unused__)) static long chunk_size(void (*loop)(group *, long))
{
    for (long n = 64;; n *= 2) {
        int64_t begin = now();
        loop(&micro_group, n);
        if (now() - begin > CHUNK / 2)
            return 2 * n;
    }
}

__attribute__((__unused__)) static void run_loop(void (*loop)(group *, long))
{
    long n = chunk_size(loop);
    int64_t t = now();
    const int64_t end = t + budget;
    do {
        int64_t begin = t;
        loop(&micro_group, n);
        t = now();
        add_sample((double)(t - begin) / (double)n);
    } while (t < end || sample_count < 3);
    print_quantile("ns", 0.5);
}

#if HAS_ADD
static struct {
    CACHE_LINE int arrived;
    CACHE_LINE int released; /* the chunk that may run, -1 to end */
    CACHE_LINE int finished;
    long n;
} two;

static void *second_thread(void *unused)
{
    (void)unused;
    for (int chunk = 1;; chunk++) {
        __atomic_store_n(&two.arrived, chunk, __ATOMIC_RELEASE);
        int released;
        while ((released = __atomic_load_n(&two.released, __ATOMIC_ACQUIRE)) != chunk)
            if (released < 0)
                return NULL;
        loop_add_done(&micro_group, two.n);
        __atomic_store_n(&two.finished, chunk, __ATOMIC_RELEASE);
    }
}

static void run_two_threads(void)
{
    two.n = chunk_size(loop_add_done) / 4;
    start(second_thread, NULL, 0);
    const int64_t end = now() + budget;
    for (int chunk = 1; now() < end || chunk <= 3; chunk++) {
        while (__atomic_load_n(&two.arrived, __ATOMIC_ACQUIRE) != chunk)
            ;
        int64_t begin = now();
        __atomic_store_n(&two.released, chunk, __ATOMIC_RELEASE);
        loop_add_done(&micro_group, two.n);
        while (__atomic_load_n(&two.finished, __ATOMIC_ACQUIRE) != chunk)
            ;
        add_sample((double)(now() - begin) / (double)two.n);
    }
    __atomic_store_n(&two.released, -1, __ATOMIC_RELEASE);
    print_quantile("ns", 0.5);
}
#endif

/* --------------------------------------------------------------------------- rounds that hand off */

static CACHE_LINE gate start_gate[2];
static CACHE_LINE group joined[2];

static void *worker(void *unused)
{
    (void)unused;
    for (unsigned round = 0;; round++) {
        gate_wait(&start_gate[round % 2]);
        group_done(&joined[round % 2]);
    }
    return NULL;
}

/* Persistent workers: the main thread opens a gate, each worker does its task (none), the main thread
 * waits for all. The mean over the whole time, after a tenth of it for warming up. */
static void run_fork_join(void)
{
    gate_begin(&start_gate[0]);
    for (int i = 0; i < threads; i++)
        start(worker, NULL, 128 << 10);
    int64_t begin = now(), t = begin;
    long counted = 0;
    int warm = 0;
    for (unsigned round = 0;; round++) {
        unsigned this_one = round % 2, next = (round + 1) % 2;
        if (round >= 1)
            gate_end(&start_gate[next]);
        if (round >= 2)
            group_end(&joined[this_one]);
        gate_begin(&start_gate[next]);
        group_begin(&joined[this_one], threads);
        gate_open(&start_gate[this_one]);
        group_wait(&joined[this_one]);
        counted++;
        if (counted % 8 != 0)
            continue;
        t = now();
        if (!warm && t - begin > budget / 10) {
            warm = 1;
            begin = t;
            counted = 0;
        } else if (warm && t - begin > budget) {
            break;
        }
    }
    printf("ns %.3f\n", (double)(t - begin) / (double)counted);
}

static struct {
    CACHE_LINE int to_return;
    CACHE_LINE int64_t last_back;
} release;

static void *sleeper(void *unused)
{
    (void)unused;
    for (unsigned round = 0;; round++) {
        gate_wait(&start_gate[round % 2]);
        if (__atomic_sub_fetch(&release.to_return, 1, __ATOMIC_ACQ_REL) == 0)
            __atomic_store_n(&release.last_back, now(), __ATOMIC_RELEASE);
    }
    return NULL;
}

/* All threads sleep in a wait; one done() releases them. From there to the return of the last, and the
 * time that done() itself took. */
static void run_release(void)
{
    double *inside = NULL;
    size_t rounds = 0;
    gate_begin(&start_gate[0]);
    for (int i = 0; i < threads; i++)
        start(sleeper, NULL, 128 << 10);
    const int64_t end = now() + budget;
    for (unsigned round = 0; now() < end || round < 4; round++) {
        unsigned next = (round + 1) % 2;
        if (round >= 1)
            gate_end(&start_gate[next]);
        gate_begin(&start_gate[next]);
        __atomic_store_n(&release.last_back, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&release.to_return, threads, __ATOMIC_RELAXED);
        sleep_ns(300000 + 20000 * (int64_t)threads); /* until they sleep */
        int64_t t0 = now();
        gate_open(&start_gate[round % 2]);
        int64_t t1 = now();
        int64_t last;
        do
            sleep_ns(100000);
        while ((last = __atomic_load_n(&release.last_back, __ATOMIC_ACQUIRE)) == 0);
        if (round == 0)
            continue; /* it includes the start of the threads */
        add_sample((double)(last - t0));
        inside = (double *)realloc(inside, (rounds + 1) * sizeof *inside);
        if (inside == NULL)
            fail("samples", ENOMEM);
        inside[rounds++] = (double)(t1 - t0);
    }
    print_quantile("ns", 0.5);
    print_quantile("p99_ns", 0.99);
    free(samples);
    samples = inside;
    sample_count = rounds;
    print_quantile("done_ns", 0.5);
}

static struct {
    CACHE_LINE int64_t arrived;
    CACHE_LINE int64_t back;
} visit;

static void *visitor(void *unused)
{
    (void)unused;
    for (unsigned round = 0;; round++) {
        __atomic_store_n(&visit.arrived, now(), __ATOMIC_RELEASE);
        gate_wait(&start_gate[round % 2]);
        __atomic_store_n(&visit.back, now(), __ATOMIC_RELEASE);
        while (__atomic_load_n(&visit.back, __ATOMIC_ACQUIRE) != 0)
            ;
    }
    return NULL;
}

/* The wait begins 1 us before the done(). */
static void run_arrived(void)
{
    gate_begin(&start_gate[0]);
    start(visitor, NULL, 0);
    const int64_t end = now() + budget;
    for (unsigned round = 0; now() < end || round < 100; round++) {
        unsigned next = (round + 1) % 2;
        int64_t arrived, back;
        while ((arrived = __atomic_load_n(&visit.arrived, __ATOMIC_ACQUIRE)) == 0)
            ;
        __atomic_store_n(&visit.arrived, 0, __ATOMIC_RELAXED);
        if (round >= 1)
            gate_end(&start_gate[next]);
        gate_begin(&start_gate[next]);
        int64_t t0;
        while ((t0 = now()) < arrived + 1000)
            ;
        gate_open(&start_gate[round % 2]);
        while ((back = __atomic_load_n(&visit.back, __ATOMIC_ACQUIRE)) == 0)
            ;
        if (round >= 50)
            add_sample((double)(back - t0));
        __atomic_store_n(&visit.back, 0, __ATOMIC_RELEASE);
    }
    print_quantile("ns", 0.5);
    print_quantile("p99_ns", 0.99);
}

/* A fresh group and a fresh detached thread each time. */
static void run_thread(void)
{
    static group ring[64];
    enum { RING = sizeof ring / sizeof *ring };
    const int64_t end = now() + budget;
    unsigned round = 0;
    int64_t begin = 0, t = 0;
    for (; (t = now()) < end || round < 2 * RING; round++) {
        group *g = &ring[round % RING];
        if (round == RING)
            begin = t;
        if (round >= RING)
            group_end(g);
        memset((void *)g, 0, sizeof *g);
        group_go(g);
        group_wait(g);
    }
    printf("ns %.3f\n", (double)(t - begin) / (double)(round - RING));
}

#ifdef look_on
/* The mean for a wait whose tasks never end meanwhile, once it has learned so. */
static void run_futile(void)
{
    enum { WAITS = 4096, LEARNING = 4 * WAITS };
    long waits = -LEARNING;
    int64_t begin = 0, t = now();
    const int64_t end = t + budget;
    group_begin(&micro_group, 1);
    for (; t < end || waits < WAITS; t = now()) {
        if (waits == 0)
            begin = t;
        for (int i = 0; i < WAITS; i++)
            look_on(&micro_group);
        waits += WAITS;
    }
    printf("ns %.3f\n", (double)(t - begin) / (double)waits);
}
#endif

static void *idle(void *unused)
{
    (void)unused;
    for (;;)
        sleep_ns(1000000000);
    return NULL;
}

int main(int argc, char **argv)
{
    const char *workload = argc > 1 ? argv[1] : "";
    threads = argc > 2 ? atoi(argv[2]) : 0;
    budget = argc > 3 ? (int64_t)(atof(argv[3]) * 1e6) : 0;
    if (threads < 1 || threads > 512 || budget < 1) {
        fprintf(stderr, "usage: peer WORKLOAD THREADS(1 to 512) MILLISECONDS\n");
        return 2;
    }
    start(idle, NULL, 0); /* glibc's mutexes are cheaper while there is one thread */
#ifdef micro_begin
    micro_begin(&micro_group);
#endif
    if (strcmp(workload, "fork-join") == 0)
        run_fork_join();
    else if (strcmp(workload, "release") == 0)
        run_release();
    else if (strcmp(workload, "arrived") == 0)
        run_arrived();
    else if (strcmp(workload, "thread") == 0)
        run_thread();
#ifdef look_on
    else if (strcmp(workload, "futile") == 0)
        run_futile();
#endif
#if HAS_WAIT_AT_ZERO
    else if (strcmp(workload, "wait") == 0)
        run_loop(loop_wait);
#endif
#if HAS_ADD
    else if (strcmp(workload, "add-done") == 0)
        run_loop(loop_add_done);
    else if (strcmp(workload, "call-add-done") == 0)
        run_loop(loop_call_add_done);
    else if (strcmp(workload, "two-threads") == 0)
        run_two_threads();
#    ifndef SINGLE_USE
    else if (strcmp(workload, "add-done-wait") == 0)
        run_loop(loop_add_done_wait);
#    endif
#endif
    else {
        fprintf(stderr, "bench: this peer has no workload \"%s\"\n", workload);
        return 2;
    }
    fflush(stdout);
    _Exit(0); /* the other threads end with the process, wherever they are */
}
