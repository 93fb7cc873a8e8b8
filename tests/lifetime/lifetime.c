/* Self-synchronized destruction: when the last wait has returned, the group's memory goes at once,
 * while the Done that released it may still be on its way out. What that Done then touched would be a
 * fault (the page is unmapped), a report of AddressSanitizer (freed heap), or a change of the pattern
 * that the next owner of the memory has written (stack, and heap without a sanitizer).
 *
 *     lifetime [ROUNDS [stack|heap|page]] */
#include <waitgroup.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WORKERS = 2, PATTERN = 0x5a };

struct job {
    waitgroup_t wg;
    int results[WORKERS];
};

/* A worker empties its box before it calls done(), so that nothing but the group tells the main thread
 * how far a worker is; in particular, neither a join nor the box says that done() has returned. */
static struct box {
    struct job *job __attribute__((aligned(64)));
} boxes[WORKERS];
static struct job stop;

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Short and of random length, so that the wait comes now before, now after, and now amid the Dones. */
static void dally(uint32_t *state)
{
    for (volatile uint32_t left = next_random(state) % 256; left > 0; left--)
        ;
}

static void *work(void *argument)
{
    struct box *const box = argument;
    const long self = box - boxes;
    uint32_t random = 2463534242u + (uint32_t)self;
    for (;;) {
        struct job *job;
        for (int looks = 0; (job = __atomic_load_n(&box->job, __ATOMIC_ACQUIRE)) == NULL; looks++)
            if (looks > 100)
                sched_yield();
        if (job == &stop)
            return NULL;
        __atomic_store_n(&box->job, NULL, __ATOMIC_RELAXED);
        dally(&random);
        job->results[self] = (int)self + 1;
        waitgroup_done(&job->wg);
    }
}

static uint32_t random_of_main = 123456789;

static void run_job(struct job *job)
{
    memset(job, 0, sizeof *job);
    waitgroup_add(&job->wg, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        __atomic_store_n(&boxes[i].job, job, __ATOMIC_RELEASE);
    dally(&random_of_main);
    waitgroup_wait(&job->wg);
    for (int i = 0; i < WORKERS; i++)
        if (job->results[i] != i + 1) {
            fprintf(stderr, "lifetime: worker %d's result is not there after the wait\n", i);
            exit(1);
        }
}

/* The memory's next owner: what it writes stays. */
static void own(unsigned char *memory, size_t size)
{
    volatile unsigned char *const bytes = memory;
    for (size_t i = 0; i < size; i++)
        bytes[i] = PATTERN;
    for (int look = 0; look < 4; look++)
        for (size_t i = 0; i < size; i++)
            if (bytes[i] != PATTERN) {
                fprintf(stderr,
                        "lifetime: a Done has changed memory that was its group's no more (byte %zu: %#x)\n",
                        i, (unsigned)bytes[i]);
                exit(1);
            }
}

__attribute__((noinline)) static void use_stack(void)
{
    struct job job;
    run_job(&job);
}

__attribute__((noinline)) static void reuse_stack(void)
{
    unsigned char memory[256];
    own(memory, sizeof memory);
}

static void round_on_stack(void)
{
    use_stack();
    reuse_stack();
}

static void round_on_heap(void)
{
    struct job *const job = malloc(sizeof *job);
    run_job(job);
    free(job);
    unsigned char *const next = malloc(sizeof *job); /* most likely the same */
    own(next, sizeof *job);
    free(next);
}

/* Pages in turn: what was unmapped is not mapped again by the round that follows. */
static void round_in_page(void)
{
    enum { PAGES = 1024 };
    static char *region;
    static size_t round;
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    if (region == NULL) {
        region = mmap(NULL, PAGES * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(region, PAGES * size);
    }
    void *const page = mmap(region + round++ % PAGES * size, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        perror("lifetime: mmap");
        exit(1);
    }
    run_job(page);
    munmap(page, size);
}

static const struct kind {
    const char *name;
    void (*round)(void);
} kinds[] = {{"stack", round_on_stack}, {"heap", round_on_heap}, {"page", round_in_page}};

int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    pthread_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&workers[i], NULL, work, &boxes[i]) != 0) {
            fputs("lifetime: no thread\n", stderr);
            return 1;
        }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (argc > 2 && strcmp(argv[2], kinds[k].name) != 0)
            continue;
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        for (long i = 0; i < rounds; i++)
            kinds[k].round();
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("lifetime: %ld rounds on %-5s  %5.1f s\n", rounds, kinds[k].name,
               (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
        fflush(stdout);
    }
    for (int i = 0; i < WORKERS; i++)
        __atomic_store_n(&boxes[i].job, &stop, __ATOMIC_RELEASE);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    puts("DONE");
    return 0;
}
