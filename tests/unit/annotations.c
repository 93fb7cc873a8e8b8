/* What ThreadSanitizer is told, call by call, in a plain process: the library is handed a runtime that
 * only writes down what it is called for. Whether the real one draws the right conclusions is the
 * matter of tests/verdict. */
#include "unit.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "options.h"
#include "script.h"

static _Thread_local int is_recorded;
static char record[256];
static waitgroup_t wg;

static void note(const char *call)
{
    if (is_recorded)
        strncat(record, call, sizeof record - strlen(record) - 1);
}

/* With a runtime a wait does not look on before it enlists. */
int __wrap_sched_yield(void);
int __wrap_sched_yield(void)
{
    note(" yield");
    return 0;
}

static void acquire(void *address)
{
    note(address == &wg ? " acquire" : " acquire?");
}

static void release(void *address)
{
    note(address == &wg ? " release" : " release?");
}

static void func_entry(void *caller)
{
    note(caller ? " (" : " (?");
}

static void func_exit(void)
{
    note(" )");
}

static void read4(void *address)
{
    note(address == &wg.race ? " read4" : " read4?");
}

static void atomic32_store(volatile uint32_t *address, uint32_t value, int order)
{
    note(address == &wg.race && value == *address && order == __ATOMIC_RELAXED ? " write" : " write?");
}

static void *register_tag(const char *object)
{
    cr_assert_str_eq(object, "WaitGroup");
    note(" tag");
    return &wg;
}

static void register_header(void *tag, const char *header)
{
    const char expected[] = "WaitGroup misuse: Add called concurrently with Wait";
    cr_assert_eq(strncmp(header, expected, sizeof expected - 1), 0);
    note(tag == &wg ? " header" : " header?");
}

static void external_read(void *address, void *caller, void *tag)
{
    /* A caller here would have the access dropped in modules without instrumentation. */
    note(address == &wg.race && caller == NULL && tag == &wg ? " read" : " read?");
}

static void ignore_begin(const char *file, int line)
{
    (void)file;
    (void)line;
    note(" [");
}

static void ignore_end(const char *file, int line)
{
    (void)file;
    (void)line;
    note(" ]");
}

static void no_mutexes(void)
{
    note(" locks");
}

static void print_stack(void)
{
    note(" stack");
}

static const struct waitgroup_tsan_ full = {
    .self = &full,
    .size = sizeof full,
    .acquire = acquire,
    .release = release,
    .func_entry = func_entry,
    .func_exit = func_exit,
    .read4 = read4,
    .atomic32_store = atomic32_store,
    .register_tag = register_tag,
    .register_header = register_header,
    .external_read = external_read,
    .ignore_begin = ignore_begin,
    .ignore_end = ignore_end,
    .no_mutexes = no_mutexes,
    .print_stack = print_stack,
};

static void use(const struct waitgroup_tsan_ *runtime)
{
    waitgroup_use_tsan_(runtime);
    is_recorded = 1;
}

#define EXPECT_CALLS(calls, statement)   \
    do {                                 \
        record[0] = '\0';                \
        statement;                       \
        cr_assert_str_eq(record, calls); \
    } while (0)

static const struct timespec deadline = {1, 0};

Test(annotations, of_add_and_done)
{
    use(&full);
    EXPECT_CALLS(" ( tag header read )", waitgroup_add(&wg, 1));
    EXPECT_CALLS(" ( )", waitgroup_add(&wg, 1));
    EXPECT_CALLS(" ( )", waitgroup_add(&wg, 0));
    EXPECT_CALLS(" ( release )", waitgroup_add(&wg, -1));
    EXPECT_CALLS(" ( release )", waitgroup_done(&wg));
    EXPECT_CALLS(" ( read )", waitgroup_add(&wg, 2));
}

static void pass(void *unused)
{
    (void)unused;
}

static int done_while_asleep(waitgroup_t *group, const struct timespec *unused)
{
    (void)unused;
    waitgroup_done(group);
    return 0;
}

static int second_waiter(waitgroup_t *group, const struct timespec *unused)
{
    (void)unused;
    if (script_acquires == 1)
        waitgroup_wait(group);
    else
        waitgroup_done(group);
    return 0;
}

static int too_late(waitgroup_t *group, const struct timespec *unused)
{
    (void)group;
    (void)unused;
    return ETIMEDOUT;
}

static int reuse(waitgroup_t *group, const struct timespec *unused)
{
    (void)unused;
    waitgroup_done(group);
    waitgroup_add(group, 1);
    return 0;
}

Test(annotations, of_wait)
{
    use(&full);
    EXPECT_CALLS(" ( acquire )", waitgroup_wait(&wg));
    EXPECT_CALLS(" ( acquire )", (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline));
    waitgroup_add(&wg, 1);
    script_on_acquire = done_while_asleep;
    EXPECT_CALLS(" ( write ( release ) acquire )", waitgroup_wait(&wg));
    waitgroup_add(&wg, 1);
    EXPECT_CALLS(" ( write ( release ) acquire )",
                 (void)!waitgroup_clockwait(&wg, CLOCK_REALTIME, &deadline));
}

Test(annotations, only_the_first_waiter_writes_and_each_acquires)
{
    use(&full);
    waitgroup_add(&wg, 1);
    script_on_acquire = second_waiter;
    EXPECT_CALLS(" ( write ( ( release ) acquire ) acquire )", waitgroup_wait(&wg));
}

Test(annotations, a_timeout_acquires_nothing)
{
    use(&full);
    waitgroup_add(&wg, 1);
    script_on_acquire = too_late;
    EXPECT_CALLS(" ( write )", (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline));
    EXPECT_CALLS("", (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, NULL));
}

Test(annotations, a_panic_leaves_nothing_open)
{
    use(&full);
    EXPECT_CALLS(" ( release )", EXPECT_PANIC(NEGATIVE, &wg, waitgroup_done(&wg)));
    wg.state = 1;
    EXPECT_CALLS(" ( tag header read )", EXPECT_PANIC(MISUSE, &wg, waitgroup_add(&wg, 1)));
    wg.state = 1;
    EXPECT_CALLS(" ( read )", EXPECT_PANIC(MISUSE, &wg, (void)!waitgroup_go(&wg, pass, NULL)));
    wg.state = 0;
    waitgroup_add(&wg, 1);
    script_on_acquire = reuse;
    EXPECT_CALLS(" ( write ( release ) ( read ) )", EXPECT_PANIC(REUSED, &wg, waitgroup_wait(&wg)));
}

Test(annotations, of_go, .timeout = 60)
{
    use(&full);
    EXPECT_CALLS(" ( tag header read )", (void)!waitgroup_go(&wg, pass, NULL));
    while (counter_of(&wg) != 0)
        sched_yield();
    waitgroup_add(&wg, 1);
    EXPECT_CALLS(" ( )", (void)!waitgroup_go(&wg, pass, NULL));
    EXPECT_CALLS("", (void)!waitgroup_go(&wg, NULL, NULL));
}

Test(annotations, strict_models_every_wait)
{
    use(&full);
    waitgroup_options_.strict = 1;
    EXPECT_CALLS(" ( write acquire )", waitgroup_wait(&wg));
    EXPECT_CALLS(" ( write acquire )", (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline));
    waitgroup_add(&wg, 1);
    script_on_acquire = second_waiter;
    EXPECT_CALLS(" ( write ( write ( release ) acquire ) acquire )", waitgroup_wait(&wg));
    waitgroup_add(&wg, 1);
    script_on_acquire = too_late;
    EXPECT_CALLS(" ( write )", (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline));
}

Test(annotations, locks_held_are_asked_for_where_a_wait_begins)
{
    use(&full);
    waitgroup_options_.report_locks_held = 1;
    static const struct timespec far = {INT32_MAX, 0};
    EXPECT_CALLS(" ( locks acquire )", waitgroup_wait(&wg));
    EXPECT_CALLS(" ( locks acquire )", (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &far));
    /* A deadline that has passed: this only asks. */
    EXPECT_CALLS(" ( acquire )", (void)!waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline));
    waitgroup_add(&wg, 1);
    script_on_acquire = too_late;
    EXPECT_CALLS(" ( write )", (void)!waitgroup_clockwait(&wg, CLOCK_REALTIME, &deadline));
}

Test(annotations, without_tags_the_read_is_a_plain_one)
{
    struct waitgroup_tsan_ runtime = full;
    runtime.register_tag = NULL;
    use(&runtime);
    EXPECT_CALLS(" ( read4 )", waitgroup_add(&wg, 1));
    EXPECT_CALLS(" ( release )", waitgroup_done(&wg));
}

Test(annotations, each_entry_of_the_runtime_may_be_missing)
{
    struct waitgroup_tsan_ runtime;
    memset(&runtime, 0, sizeof runtime);
    runtime.size = sizeof runtime;
    waitgroup_use_tsan_(&runtime); /* no acquire: no runtime */
    cr_assert_eq(waitgroup_gate_, 0u);
    runtime.acquire = acquire;
    use(&runtime);
    cr_assert_eq(waitgroup_gate_, UINTPTR_MAX);
    waitgroup_options_.report_locks_held = 1;
    script_on_acquire = done_while_asleep;
    EXPECT_CALLS("", waitgroup_add(&wg, 1));
    EXPECT_CALLS(" acquire", waitgroup_wait(&wg));
}

Test(annotations, the_first_runtime_stays)
{
    struct waitgroup_tsan_ other;
    memset(&other, 0, sizeof other);
    other.size = sizeof other;
    other.acquire = read4;
    use(&full);
    use(&other);
    EXPECT_CALLS(" ( acquire )", waitgroup_wait(&wg));
}

Test(annotations, a_program_compiled_with_an_older_header_hands_over_less)
{
    struct waitgroup_tsan_ older = full;
    older.size = offsetof(struct waitgroup_tsan_, no_mutexes);
    use(&older);
    waitgroup_options_.report_locks_held = 1;
    EXPECT_CALLS(" ( acquire )", waitgroup_wait(&wg));
    EXPECT_CALLS(" ( tag header read )", waitgroup_add(&wg, 1));
}
