/* Atomics. What an operation will do is known before it is done: nobody else runs in between. */
#include "entry.h"

#if defined __x86_64__
enum { WIDE = 1 }; /* the register where the first 16-byte argument begins */
#else
enum { WIDE = 2 };
#endif

static uint64_t value_at(uintptr_t address, uint32_t size)
{
    switch (size) {
    case 1:
        return *(const volatile uint8_t *)address;
    case 2:
        return *(const volatile uint16_t *)address;
    case 4:
        return *(const volatile uint32_t *)address;
    case 8:
        return *(const volatile uint64_t *)address;
    default:
        return ((const volatile uint64_t *)address)[0] * 31 + ((const volatile uint64_t *)address)[1];
    }
}

static uint64_t mask(uint32_t size)
{
    return size >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
}

static struct act act_on(const struct call *call, uintptr_t order)
{
    struct act act = act_of(call);
    act.size = (uint16_t)call->entry->size;
    act.argument = order;
    return act;
}

static function *on_load(const struct call *call)
{
    struct act act = act_on(call, call->args[1]);
    act.reads = true;
    look(act, value_at(act.object, act.size));
    orders_touch(act.object, act.size, false);
    return NULL;
}

/* An update is a look if it would leave the value as it is; then others may have changed it first. */
static void update(struct act act, bool (*has_effect)(const struct call *), const struct call *call)
{
    if (has_effect(call)) {
        turn_act(act);
    } else {
        look(act, value_at(act.object, act.size));
        if (has_effect(call))
            turn_changed();
    }
    const bool writes = has_effect(call);
    if (!writes)
        trace_amend(EVENT_FAILED);
    orders_touch(act.object, act.size, true);
}

static uintptr_t order_of_update(const struct call *call)
{
    return call->entry->size == 16 ? call->args[WIDE + 2] : call->args[2];
}

static bool always(const struct call *call)
{
    (void)call;
    return true;
}

static bool exchange_changes(const struct call *call)
{
    const uint32_t size = call->entry->size;
    if (size == 16)
        return !real_equal((const void *)call->args[0], &call->args[WIDE], 16);
    return value_at(call->args[0], size) != (call->args[1] & mask(size));
}

static bool or_changes(const struct call *call)
{
    const uint32_t size = call->entry->size;
    return size == 16 || (call->args[1] & mask(size) & ~value_at(call->args[0], size)) != 0;
}

static bool and_changes(const struct call *call)
{
    const uint32_t size = call->entry->size;
    return size == 16 || (~call->args[1] & mask(size) & value_at(call->args[0], size)) != 0;
}

static bool operand_is_not_zero(const struct call *call)
{
    const uint32_t size = call->entry->size;
    return size == 16 || (call->args[1] & mask(size)) != 0;
}

static function *on_store(const struct call *call)
{
    update(act_on(call, order_of_update(call)), always, call);
    return NULL;
}

static function *on_exchange(const struct call *call)
{
    update(act_on(call, order_of_update(call)), exchange_changes, call);
    return NULL;
}

static function *on_or(const struct call *call)
{
    update(act_on(call, order_of_update(call)), or_changes, call);
    return NULL;
}

static function *on_and(const struct call *call)
{
    update(act_on(call, order_of_update(call)), and_changes, call);
    return NULL;
}

static function *on_add(const struct call *call)
{
    update(act_on(call, order_of_update(call)), operand_is_not_zero, call);
    return NULL;
}

/* Expected by address. */
static bool compare_succeeds(const struct call *call)
{
    return real_equal((const void *)call->args[0], (const void *)call->args[1], call->entry->size);
}

static function *on_compare(const struct call *call)
{
    update(act_on(call, call->entry->size == 16 ? call->args[4] : call->args[3]), compare_succeeds, call);
    return NULL;
}

/* Expected by value. */
static bool compare_value_succeeds(const struct call *call)
{
    return !exchange_changes(call);
}

static function *on_compare_value(const struct call *call)
{
    update(act_on(call, call->entry->size == 16 ? call->args[WIDE + 4] : call->args[3]),
           compare_value_succeeds, call);
    return NULL;
}

#define ATOMIC(bits, name, hook, kind) \
    THUNK_WITH_DELAYS(__tsan_atomic##bits##_##name, hook, kind, bits / 8, -1, -1)
#define ATOMICS(bits)                                          \
    ATOMIC(bits, load, on_load, LOAD)                          \
    ATOMIC(bits, store, on_store, STORE)                       \
    ATOMIC(bits, exchange, on_exchange, UPDATE)                \
    ATOMIC(bits, fetch_add, on_add, UPDATE)                    \
    ATOMIC(bits, fetch_sub, on_add, UPDATE)                    \
    ATOMIC(bits, fetch_and, on_and, UPDATE)                    \
    ATOMIC(bits, fetch_or, on_or, UPDATE)                      \
    ATOMIC(bits, fetch_xor, on_add, UPDATE)                    \
    ATOMIC(bits, fetch_nand, on_store, UPDATE)                 \
    ATOMIC(bits, compare_exchange_strong, on_compare, COMPARE) \
    ATOMIC(bits, compare_exchange_weak, on_compare, COMPARE)   \
    ATOMIC(bits, compare_exchange_val, on_compare_value, COMPARE)

ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)
ATOMICS(128)

/* The program's own annotations. */
static function *on_annotation(const struct call *call)
{
    turn_act(act_of(call));
    return NULL;
}

THUNK(__tsan_acquire, on_annotation, ACQUIRE)
THUNK(__tsan_release, on_annotation, RELEASE)
