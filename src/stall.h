/* stall_after: a wait that blocks for long is reported, once, and goes on. */
#ifndef WAITGROUP_STALL_H
#define WAITGROUP_STALL_H

#include "waitgroup.h"

/* Blocks for a ticket of wg for at most stall_after: 1 with the ticket. Else 0, with a report, or
 * without one if the deadline (NULL for none) comes first. */
int waitgroup_watch_stall_(waitgroup_t *wg, clockid_t clock, const struct timespec *deadline);

#endif
