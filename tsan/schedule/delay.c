/* The process's seed and its threads' identities; the strategy is the library's (shared/perturb_pass.h). */
#define _GNU_SOURCE
#include "delay.h"
#include "entry.h"
#include "real.h"
#include "shared/option_syntax.h"
#include "shared/parcel.h"
#define perturb_syscall REAL
#include "shared/perturb_pass.h"
#include "tsan.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/syscall.h>

static struct perturb_process process;
static _Thread_local struct perturb_thread mine __attribute__((__tls_model__("initial-exec")));
static bool before_tsan; /* or behind it, as "the real one", where its runtime is part of the program */

/* What follows the word's beginning; NULL if it begins otherwise. */
static const char *after(const char *word, const char *beginning)
{
    while (*beginning && *word == *beginning)
        word++, beginning++;
    return *beginning ? NULL : word;
}

/* In the words of the library, which a program need not have. */
__attribute__((__noreturn__)) static void refuse(const char *option)
{
    char word[256], message[512];
    size_t length = 0;
    for (; !option_ends(option[length]) && length < sizeof word - 1; length++)
        word[length] = option[length];
    word[length] = '\0';
    real_text(message, sizeof message, "waitgroup: WAITGROUP_OPTIONS: bad value in \"");
    real_append(message, sizeof message, word);
    real_append(message, sizeof message, "\": perturb takes 0 to 18446744073709551615\n");
    real_say(message);
    REAL(SYS_exit_group, 2);
    __builtin_unreachable();
}

/* The last perturb=SEED of the options; no more is understood of them here. */
static uint64_t seed_of(const char *options)
{
    uint64_t seed = 0;
    for (const char *at = options; at && *at;) {
        const char *const value = after(at, "perturb=");
        if (value && !option_number(value, &seed))
            refuse(at);
        while (!option_ends(*at))
            at++;
        if (*at)
            at++;
    }
    return seed;
}

__attribute__((__constructor__(102))) static void start(void)
{
    before_tsan = dlsym(RTLD_NEXT, "__tsan_init") != NULL;
    process.began = perturb_now();
    if (!getenv("RACE_TEST_SCHEDULE") && dlsym(RTLD_DEFAULT, "__tsan_init"))
        process.seed = seed_of(getenv("WAITGROUP_OPTIONS"));
}

/* ci/race-test/witness.c: where the thread's own variables lie. */
void witness_thread(void);

bool delay_is_on(void)
{
    return process.seed != 0;
}

void delay(int point)
{
    /* After TSan, it has told the waiter already: a delay before the post would help nobody. */
    if (process.seed != 0)
        perturb_pass(&process, &mine, (enum perturb_point)point);
}

/* Hand a child its identity. Not by the heap: behind TSan the child comes here before TSan
 * knows it, too early for an allocator that is TSan's. */
static struct parcel {
    void *(*task)(void *);
    void *arg;
    uint64_t identity;
} parcels[PARCELS];
static uint64_t parcels_taken;

static void *begin(void *argument)
{
    const struct parcel parcel = *(struct parcel *)argument;
    parcel_give_back(&parcels_taken, (int)((struct parcel *)argument - parcels));
    mine = (struct perturb_thread){.identity = parcel.identity};
    witness_thread();
    /* Behind TSan, its pthread_create waits until the child has announced itself: a delay before that
     * would hold up the parent as well. */
    if (before_tsan) {
        tsan_shift((uint32_t)perturb_hash(process.seed, mine.identity));
        delay(PERTURB_TASK_START);
    }
    return parcel.task(parcel.arg);
}

int delay_create(create_function *create, pthread_t *thread, const pthread_attr_t *attributes,
                 void *(*task)(void *), void *argument, uintptr_t pc)
{
    delay(PERTURB_BEFORE_CREATE);
    const uint64_t identity = perturb_child(&mine);
    const int number = parcel_take(&parcels_taken);
    int error;
    tsan_push(pc);
    if (number >= 0) {
        parcels[number] = (struct parcel){task, argument, identity};
        error = create(thread, attributes, begin, &parcels[number]);
        if (error)
            parcel_give_back(&parcels_taken, number);
    } else {
        error = create(thread, attributes, task, argument);
    }
    tsan_pop();
    delay(PERTURB_AFTER_CREATE);
    return error;
}
