/* The runtime's addresses, its tag for groups, and the gate that the inline fast paths ask. */
#define _GNU_SOURCE
#define WAITGROUP_NAME_TSAN_
#include "race.h"

#include <sched.h>
#include <string.h>
#if defined(__ELF__) && defined(__has_include)
#    if __has_include(<link.h>)
#        include <link.h>
#        define HAVE_PROGRAM_HEADERS 1
#    endif
#endif

/* Weak symbols: null in a plain program, the runtime in one with TSan, each for itself. */
struct waitgroup_tsan_ waitgroup_race_ = WAITGROUP_TSAN_RUNTIME_(&waitgroup_race_);

/* Closed until waitgroup.c knows better: out of line is right in every program. */
uintptr_t waitgroup_gate_ = UINTPTR_MAX;

WAITGROUP_ENTRY_ void waitgroup_use_tsan_(const struct waitgroup_tsan_ *runtime)
{
    /* Normally the weak symbols have told the same, and earlier. */
    if (waitgroup_race_.external_read || !runtime->acquire)
        return;
    memcpy(&waitgroup_race_, runtime,
           runtime->size < sizeof waitgroup_race_ ? runtime->size : sizeof waitgroup_race_);
    waitgroup_gate_ = UINTPTR_MAX;
}

#ifdef HAVE_PROGRAM_HEADERS

/* Reads between the variables there, which AddressSanitizer would object to. */
__attribute__((__no_sanitize_address__)) WAITGROUP_ENTRY_ static int
look_for_table(struct dl_phdr_info *program, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (int i = 0; i < program->dlpi_phnum; i++) {
        if (program->dlpi_phdr[i].p_type != PT_GNU_RELRO)
            continue;
        const uintptr_t begin = program->dlpi_addr + program->dlpi_phdr[i].p_vaddr;
        const uintptr_t end = begin + program->dlpi_phdr[i].p_memsz;
        /* A word that holds its own address is rare, one with the mark after it is ours. */
        for (const uintptr_t *word = (const uintptr_t *)begin;
             (uintptr_t)word + sizeof(struct waitgroup_tsan_) <= end; word++)
            if (*word == (uintptr_t)word &&
                memcmp(word + 1, waitgroup_race_.mark, sizeof waitgroup_race_.mark) == 0) {
                waitgroup_use_tsan_((const struct waitgroup_tsan_ *)word);
                return 1;
            }
    }
    return 1; /* the program itself comes first, and only its table counts: no need to see the libraries */
}

WAITGROUP_ENTRY_ void waitgroup_race_start_(void)
{
    if (!waitgroup_race_.external_read)
        dl_iterate_phdr(look_for_table, NULL);
}

#else

WAITGROUP_ENTRY_ void waitgroup_race_start_(void)
{
}

#endif

WAITGROUP_ENTRY_ void *waitgroup_race_tag_(void)
{
    static void *tag;
    void *registered = __atomic_load_n(&tag, __ATOMIC_RELAXED);
    if (registered || !waitgroup_race_.external_read || !waitgroup_race_.register_tag ||
        !waitgroup_race_.register_header)
        return registered;
    /* Two threads may come here together: two tags, with the same texts. */
    registered = waitgroup_race_.register_tag("WaitGroup");
    waitgroup_race_.register_header(
        registered, "WaitGroup misuse: Add called concurrently with Wait "
                    "(call Add before the thread it counts is started, and before Wait; "
                    "where requests come at any time, under the lock in which the closer closes)");
    __atomic_store_n(&tag, registered, __ATOMIC_RELAXED);
    return registered;
}

uint32_t waitgroup_race_locks_[64];

/* Bounded: whoever holds it may be printing a report, or be the very thread that asks, in a callback
 * of a report or in a handler that TSan deferred to this access. Without the lock the access is only
 * less certain to be seen. */
WAITGROUP_ENTRY_ void waitgroup_race_lock_contended_(uint32_t *lock)
{
    for (int patience = 1000; patience > 0; patience--) {
        if (patience < 900)
            sched_yield();
        if (!__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
            return;
    }
}
