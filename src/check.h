/* What every public function checks first, before anything that a panic would leave open. */
#ifndef WAITGROUP_CHECK_H
#define WAITGROUP_CHECK_H

#include "waitgroup.h"

/* Panics when there is no group, or (with strict=1) when it is a copy of one that is in use. */
void waitgroup_check_(waitgroup_t *wg);

#endif
