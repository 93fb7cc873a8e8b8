/* What the compiler emits for the accesses of a file that it compiles with -fsanitize=thread: calls of
 * ThreadSanitizer's runtime, which is not linked here.
 *
 * Before the search begins, in the library's constructors, accesses are just carried out; so are those of
 * the locks around the annotations for ThreadSanitizer, which a plain program takes as well: they would
 * order threads that nothing else orders. */
#include "engine.h"

#include <cstring>

using namespace protocol;

extern "C" uint32_t waitgroup_race_locks_[64];

namespace
{

bool is_modelled(const volatile void *address)
{
    return searching() &&
           reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(waitgroup_race_locks_) >=
               sizeof waitgroup_race_locks_;
}

memory_access at(const volatile void *address, size_t size, int order, void *caller)
{
    return {reinterpret_cast<uintptr_t>(address), static_cast<unsigned>(size), order,
            reinterpret_cast<uintptr_t>(caller) - 1};
}

void read(const volatile void *address, size_t size, void *caller)
{
    if (is_modelled(address))
        plain_read(at(address, size, PLAIN, caller));
}

void write(const volatile void *address, size_t size, void *caller)
{
    if (is_modelled(address))
        plain_write(at(address, size, PLAIN, caller));
}

} // namespace

extern "C" {

void __tsan_init()
{
}
void __tsan_func_entry(void *)
{
}
void __tsan_func_exit()
{
}

#define CALLER __builtin_return_address(0)

#define PLAIN_ACCESSES(size)               \
    void __tsan_read##size(void *address)  \
    {                                      \
        read(address, size, CALLER);       \
    }                                      \
    void __tsan_write##size(void *address) \
    {                                      \
        write(address, size, CALLER);      \
    }
PLAIN_ACCESSES(1)
PLAIN_ACCESSES(2)
PLAIN_ACCESSES(4)
PLAIN_ACCESSES(8)
PLAIN_ACCESSES(16)

void __tsan_read_range(void *address, size_t size)
{
    read(address, size, CALLER);
}
void __tsan_write_range(void *address, size_t size)
{
    write(address, size, CALLER);
}
void *__tsan_memcpy(void *to, const void *from, size_t size)
{
    read(from, size, CALLER);
    write(to, size, CALLER);
    return std::memcpy(to, from, size);
}
void *__tsan_memset(void *to, int byte, size_t size)
{
    write(to, size, CALLER);
    return std::memset(to, byte, size);
}

#define ATOMIC_CHANGE(bits, verb, which, builtin)                                                         \
    uint##bits##_t __tsan_atomic##bits##_##verb(volatile uint##bits##_t *address, uint##bits##_t operand, \
                                                int order)                                                \
    {                                                                                                     \
        if (!is_modelled(address))                                                                        \
            return builtin(address, operand, __ATOMIC_ACQ_REL);                                           \
        return static_cast<uint##bits##_t>(                                                               \
            atomic_change(at(address, bits / 8, order, CALLER), which, operand));                         \
    }

#define ATOMIC_ACCESSES(bits)                                                                             \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *address, int order)          \
    {                                                                                                     \
        if (!is_modelled(address))                                                                        \
            return __atomic_load_n(address, __ATOMIC_ACQUIRE);                                            \
        return static_cast<uint##bits##_t>(atomic_load(at(address, bits / 8, order, CALLER)));            \
    }                                                                                                     \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t *address, uint##bits##_t value, int order)   \
    {                                                                                                     \
        if (!is_modelled(address))                                                                        \
            __atomic_store_n(address, value, __ATOMIC_RELEASE);                                           \
        else                                                                                              \
            atomic_store(at(address, bits / 8, order, CALLER), value);                                    \
    }                                                                                                     \
    ATOMIC_CHANGE(bits, exchange, EXCHANGE, __atomic_exchange_n)                                          \
    ATOMIC_CHANGE(bits, fetch_add, ADD, __atomic_fetch_add)                                               \
    ATOMIC_CHANGE(bits, fetch_sub, SUBTRACT, __atomic_fetch_sub)                                          \
    ATOMIC_CHANGE(bits, fetch_and, AND, __atomic_fetch_and)                                               \
    ATOMIC_CHANGE(bits, fetch_or, OR, __atomic_fetch_or)                                                  \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile uint##bits##_t *address,                   \
                                                      uint##bits##_t *expected, uint##bits##_t desired,   \
                                                      int order, int failure_order)                       \
    {                                                                                                     \
        if (!is_modelled(address))                                                                        \
            return __atomic_compare_exchange_n(address, expected, desired, 0, __ATOMIC_ACQ_REL,           \
                                               __ATOMIC_ACQUIRE);                                         \
        uint64_t seen = *expected;                                                                        \
        const bool exchanged =                                                                            \
            atomic_compare_exchange(at(address, bits / 8, order, CALLER), failure_order, &seen, desired); \
        *expected = static_cast<uint##bits##_t>(seen);                                                    \
        return exchanged;                                                                                 \
    }                                                                                                     \
    /* clang's */                                                                                         \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                            \
        volatile uint##bits##_t *address, uint##bits##_t expected, uint##bits##_t desired, int order,     \
        int failure_order)                                                                                \
    {                                                                                                     \
        uint64_t seen = expected;                                                                         \
        if (is_modelled(address))                                                                         \
            atomic_compare_exchange(at(address, bits / 8, order, CALLER), failure_order, &seen, desired); \
        else if (!__atomic_compare_exchange_n(address, &expected, desired, 0, __ATOMIC_ACQ_REL,           \
                                              __ATOMIC_ACQUIRE))                                          \
            seen = expected;                                                                              \
        return static_cast<uint##bits##_t>(seen);                                                         \
    }
ATOMIC_ACCESSES(32)
ATOMIC_ACCESSES(64)

} // extern "C"
