/* A runtime that detects nothing, for a machine on which ThreadSanitizer does not run (an emulator): what
 * the scheduler's entry points jump on to. It counts accesses and does what the atomics say. */
#include <stdio.h>

static long reads, writes;

/* The scheduler's object is linked without the witness here: what it tells it nobody asks for. */
const char *(*witness_waits_in)(void);

void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void)
{
}

#define ACCESS(size)                       \
    void __tsan_read##size(void *address)  \
    {                                      \
        (void)address;                     \
        reads++;                           \
    }                                      \
    void __tsan_write##size(void *address) \
    {                                      \
        (void)address;                     \
        writes++;                          \
    }
ACCESS(4)
ACCESS(8)
ACCESS(16)

#define ATOMIC(bits, type)                                                                               \
    type __tsan_atomic##bits##_load(const volatile type *atomic, int order)                              \
    {                                                                                                    \
        (void)order;                                                                                     \
        return *atomic;                                                                                  \
    }                                                                                                    \
    type __tsan_atomic##bits##_fetch_add(volatile type *atomic, type value, int order)                   \
    {                                                                                                    \
        const type old = *atomic;                                                                        \
        (void)order;                                                                                     \
        *atomic = old + value;                                                                           \
        return old;                                                                                      \
    }                                                                                                    \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile type *atomic, type *expected, type value, \
                                                      int order, int failure)                            \
    {                                                                                                    \
        (void)order, (void)failure;                                                                      \
        if (*atomic == *expected) {                                                                      \
            *atomic = value;                                                                             \
            return 1;                                                                                    \
        }                                                                                                \
        *expected = *atomic;                                                                             \
        return 0;                                                                                        \
    }
ATOMIC(32, int)
__extension__ typedef __int128 int128;
ATOMIC(128, int128)

__attribute__((destructor)) static void tell(void)
{
    fprintf(stderr, "%s\n", reads > 0 && writes > 0 ? "accesses seen" : "no accesses seen");
}
