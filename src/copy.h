/* The check at the begin of every public function: is there a group, and with strict=1, is it the one that
 * was used first, or a copy of it? (What memory that is no group looks like is in foreign.h.) */
#ifndef WAITGROUP_COPY_H
#define WAITGROUP_COPY_H

#include "waitgroup.h"

/* What every public function does first, before anything that a panic would leave open. Panics when there
 * is no group, when what is there cannot be one, or (strict=1) when it is a copy of one that is in use. */
void waitgroup_check_(waitgroup_t *wg);

/* Was the group used first in another process, from which this one was forked? 1 or 0; -1 where that is not
 * known, as always without strict=1. */
int waitgroup_used_before_fork_(const waitgroup_t *wg);

#endif
