/* With strict=1 the first call on a group writes the group's identity, 32 bits of its address, into the
 * anchor word (otherwise only an address for TSan to watch), and notes the group and the process in a table.
 * A later call that finds another identity there was given a copy, if the table knows the original, or else
 * memory that never was a group. */
#include "copy.h"
#include "foreign.h"
#include "options.h"
#include "panic.h"
#include "process.h"
#include "state.h"

#include <stdio.h>
#include <unistd.h>

static struct first_use {
    uintptr_t address;
    pid_t process;
} first_uses[4096]; /* for messages only: the last one of each place */

WAITGROUP_UNINSTRUMENTED_ static struct first_use *first_use_of(uint32_t identity)
{
    /* Groups are often a power of two apart: the multiplication (by the golden ratio) spreads them. */
    return &first_uses[identity * UINT32_C(2654435769) >> 20];
}

_Static_assert(sizeof first_uses / sizeof *first_uses == 1u << (32 - 20), "a place for each hash");

WAITGROUP_ENTRY_ __attribute__((__noreturn__)) static void refuse(waitgroup_t *wg, uint32_t found)
{
    const uintptr_t original = __atomic_load_n(&first_use_of(found)->address, __ATOMIC_RELAXED);
    /* Writes what is there: waitgroup_is_shared_() can tell only of a page that was written to. */
    __atomic_compare_exchange_n(&wg->race, &found, found, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    if (waitgroup_is_shared_(wg))
        waitgroup_panic_(wg, PANIC_SHARED, NULL);
    if (original == 0 || foreign_identity(original) != found)
        waitgroup_panic_(wg, PANIC_FOREIGN, NULL);
    char detail[256];
    snprintf(detail, sizeof detail,
             "  %p is the group of this call: the copy\n"
             "  %p is where it was used first: the original\n",
             (void *)wg, (void *)original);
    waitgroup_panic_(wg, PANIC_COPIED, detail);
}

WAITGROUP_ENTRY_ static void use_first(waitgroup_t *wg, uint32_t own)
{
    struct first_use *const first_use = first_use_of(own);
    /* Read before the exchange below. Any other thread sets the anchor before it changes the group: if the
     * exchange succeeds, this is how the group was before all calls. */
    const int is_zero = __atomic_load_n(&wg->state, __ATOMIC_ACQUIRE) == 0 &&
                        __atomic_load_n(&wg->sema, __ATOMIC_ACQUIRE) == 0;
    __atomic_store_n(&first_use->address, (uintptr_t)wg, __ATOMIC_RELAXED);
    __atomic_store_n(&first_use->process, getpid(), __ATOMIC_RELAXED);
    uint32_t found = 0;
    /* Release: pairs with the acquire of whoever finds the anchor set. */
    if (!__atomic_compare_exchange_n(&wg->race, &found, own, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        if (found != own)
            refuse(wg, found);
        return;
    }
    if (!is_zero) {
        __atomic_store_n(&wg->race, 0, __ATOMIC_RELAXED);
        waitgroup_panic_(wg, PANIC_FOREIGN, NULL);
    }
}

WAITGROUP_ENTRY_ static void check_closely(waitgroup_t *wg)
{
    if (wg == NULL)
        waitgroup_panic_(NULL, PANIC_NULL, NULL);
    const uint32_t own = foreign_identity((uintptr_t)wg);
    const uint32_t found = __atomic_load_n(&wg->race, __ATOMIC_ACQUIRE);
    if (found != 0 && found != own)
        refuse(wg, found);
    if (!state_is_possible(__atomic_load_n(&wg->state, __ATOMIC_RELAXED)))
        waitgroup_panic_(wg, PANIC_FOREIGN, NULL);
    if (found == 0)
        use_first(wg, own);
}

/* The usual cases, on the way of every call: a few tests, and no stack frame. */
WAITGROUP_ENTRY_ void waitgroup_check_(waitgroup_t *wg)
{
    if (__builtin_expect(wg != NULL && state_is_possible(__atomic_load_n(&wg->state, __ATOMIC_RELAXED)), 1)) {
        const uint32_t found = __atomic_load_n(&wg->race, __ATOMIC_ACQUIRE);
        if (found == 0 ? !waitgroup_options_.strict : found == foreign_identity((uintptr_t)wg))
            return;
    }
    check_closely(wg);
}

WAITGROUP_ENTRY_ int waitgroup_used_before_fork_(const waitgroup_t *wg)
{
    const struct first_use *const first_use = first_use_of(foreign_identity((uintptr_t)wg));
    if (__atomic_load_n(&first_use->address, __ATOMIC_RELAXED) != (uintptr_t)wg)
        return -1;
    return __atomic_load_n(&first_use->process, __ATOMIC_RELAXED) != getpid();
}
