/* A wait that nobody woke. */
#ifndef WAITGROUP_UNWOKEN_H
#define WAITGROUP_UNWOKEN_H

#include "waitgroup.h"

/* A wait has found its ticket, or is about to, by looking after a time, and not because it was woken. Says so
 * if the group lies in shared memory, as it may be a done of another process that cannot wake this one. */
void waitgroup_report_unwoken_(const uint32_t *sema);

#endif
