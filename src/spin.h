/* A bounded look-out for counter zero, before a wait enlists. */
#ifndef WAITGROUP_SPIN_H
#define WAITGROUP_SPIN_H

#include "waitgroup.h"

/* Looks at the group's word for a while, 30 microseconds as a rule: 1 when the counter was seen at zero
 * (acquire, as every return of a wait), 0 to go and park. May yield the CPU. Returns 0 at once where
 * looking on cannot pay, or has not paid lately in this thread. */
int waitgroup_spin_(const waitgroup_t *wg);

#endif
