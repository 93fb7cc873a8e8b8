/* Memory that is no group: never initialized, or freed, or overwritten. */
#ifndef WAITGROUP_FOREIGN_H
#define WAITGROUP_FOREIGN_H

#include "waitgroup.h"

#define FOREIGN_MEMORY "never initialized, or freed, or overwritten"

/* What the anchor word of a group may hold beside 0 (see copy.c): 32 bits of its address. */
WAITGROUP_UNINSTRUMENTED_ static inline uint32_t foreign_identity(uintptr_t address)
{
    /* Aligned to 8: the lowest bits tell nothing. 0 means "not used yet". */
    uint32_t identity = (uint32_t)(address >> 3);
    return identity != 0 ? identity : 1;
}

/* Is what is there certainly no group? A long look, for messages, when something has gone wrong with it:
 * no group has more waiters, or more tickets for them, than the process has threads. */
int waitgroup_is_foreign_(const waitgroup_t *wg);

#endif
