/* Litmus tests of the model itself: what C11 allows is seen, and what it forbids is not. */
#include "scenario.h"

static uint64_t load(const uint64_t *atomic, int order)
{
    return order == __ATOMIC_ACQUIRE ? __atomic_load_n(atomic, __ATOMIC_ACQUIRE)
                                     : __atomic_load_n(atomic, __ATOMIC_RELAXED);
}

/* Both threads store, then look at the other's variable: both may find it unchanged. */
static void store_y_load_x(void)
{
    __atomic_store_n(&the.y, 1, __ATOMIC_RELAXED);
    the.result[1] = (int)load(&the.x, __ATOMIC_RELAXED);
    waitgroup_done(&the.group);
}

static void store_buffering(void)
{
    waitgroup_add(&the.group, 1);
    start(store_y_load_x);
    __atomic_store_n(&the.x, 1, __ATOMIC_RELAXED);
    const uint64_t y = load(&the.y, __ATOMIC_RELAXED);
    waitgroup_wait(&the.group);
    if (y == 0 && the.result[1] == 0)
        reached("both old");
}

static void store_both_relaxed(void)
{
    __atomic_store_n(&the.x, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&the.y, 1, __ATOMIC_RELAXED);
}

static void message_relaxed(void)
{
    start(store_both_relaxed);
    if (load(&the.y, __ATOMIC_ACQUIRE) == 1 && load(&the.x, __ATOMIC_RELAXED) == 0)
        reached("old message");
}

static void store_both_release(void)
{
    __atomic_store_n(&the.x, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&the.y, 1, __ATOMIC_RELEASE);
}

static void message_release(void)
{
    start(store_both_release);
    if (load(&the.y, __ATOMIC_ACQUIRE) == 1) {
        CHECK(load(&the.x, __ATOMIC_RELAXED) == 1);
        reached("new message");
    }
}

/* Another thread's read-modify-write hands a release on, its store does not. */
static void add_relaxed(void)
{
    __atomic_fetch_add(&the.y, 1, __ATOMIC_RELAXED);
}

static void release_sequence(void)
{
    start(store_both_release);
    start(add_relaxed);
    if (load(&the.y, __ATOMIC_ACQUIRE) == 2) {
        CHECK(load(&the.x, __ATOMIC_RELAXED) == 1);
        reached("handed on");
    }
}

static void store_after_release(void)
{
    __atomic_store_n(&the.x, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&the.y, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&the.y, 2, __ATOMIC_RELAXED);
}

static void broken_sequence(void)
{
    start(store_after_release);
    if (load(&the.y, __ATOMIC_ACQUIRE) == 2 && load(&the.x, __ATOMIC_RELAXED) == 0)
        reached("old message");
}

/* Who has seen a value sees no older one. */
static void store_twice(void)
{
    __atomic_store_n(&the.x, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&the.x, 2, __ATOMIC_RELAXED);
}

static void coherence(void)
{
    start(store_twice);
    const uint64_t first = load(&the.x, __ATOMIC_RELAXED);
    const uint64_t second = load(&the.x, __ATOMIC_RELAXED);
    CHECK(second >= first);
    if (first == 1 && second == 2)
        reached("both");
}

/* A compare-exchange that fails is a load, and may see an old value. */
static void exchange_fails(void)
{
    start(store_both_release);
    uint64_t expected = 5;
    if (load(&the.y, __ATOMIC_RELAXED) == 1 &&
        !__atomic_compare_exchange_n(&the.x, &expected, 6, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED) &&
        expected == 0)
        reached("old value");
}

const struct scenario model_scenarios[] = {
    {"model_store_buffering", store_buffering, {"both old"}, {NULL}},
    {"model_message_relaxed", message_relaxed, {"old message"}, {NULL}},
    {"model_message_release", message_release, {"new message"}, {NULL}},
    {"model_release_sequence", release_sequence, {"handed on"}, {NULL}},
    {"model_broken_sequence", broken_sequence, {"old message"}, {NULL}},
    {"model_coherence", coherence, {"both"}, {NULL}},
    {"model_exchange_fails", exchange_fails, {"old value"}, {NULL}},
    {NULL, NULL, {NULL}, {NULL}},
};
