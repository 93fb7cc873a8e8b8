/* Copies: with strict=1 the anchor word, otherwise only an address for TSan, holds 32 bits of the
 * address at which the group was used first; a copy carries them along to another address. */
#include "check.h"
#include "options.h"
#include "panic.h"

#include <stdio.h>

/* Full addresses, for the message only: the last group of each index that was used first. */
static uintptr_t first_uses[1024];

WAITGROUP_UNINSTRUMENTED_ static uint32_t identity_of(uintptr_t address)
{
    /* Aligned to 8: the lowest bits tell nothing. 0 means "not used yet". */
    uint32_t identity = (uint32_t)(address >> 3);
    return identity != 0 ? identity : 1;
}

WAITGROUP_ENTRY_ static void check_copied(waitgroup_t *wg)
{
    const uint32_t own = identity_of((uintptr_t)wg);
    /* Relaxed throughout: all first users of one group write the same. */
    uint32_t found = __atomic_load_n(&wg->race, __ATOMIC_RELAXED);
    if (found == own)
        return;
    uintptr_t *first_use = &first_uses[(found ? found : own) % (sizeof first_uses / sizeof *first_uses)];
    if (found == 0) {
        __atomic_store_n(first_use, (uintptr_t)wg, __ATOMIC_RELAXED);
        __atomic_store_n(&wg->race, own, __ATOMIC_RELAXED);
        return;
    }
    uintptr_t original = __atomic_load_n(first_use, __ATOMIC_RELAXED);
    char detail[256];
    if (identity_of(original) == found)
        snprintf(detail, sizeof detail,
                 "  %p is the group of this call: the copy\n"
                 "  %p is where it was used first: the original\n",
                 (void *)wg, (void *)original);
    else
        snprintf(detail, sizeof detail,
                 "  %p is the group of this call: the copy\n"
                 "  0x...%08x is the end of the address where it was used first: the original\n",
                 (void *)wg, (unsigned)(found << 3));
    waitgroup_panic_(wg, PANIC_COPIED, detail);
}

WAITGROUP_ENTRY_ void waitgroup_check_(waitgroup_t *wg)
{
    if (wg == NULL)
        waitgroup_panic_(NULL, PANIC_NULL, NULL);
    if (waitgroup_options_.strict)
        check_copied(wg);
}
