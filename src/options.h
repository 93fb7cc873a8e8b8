/* WAITGROUP_OPTIONS: parsed once, before main. */
#ifndef WAITGROUP_OPTIONS_H
#define WAITGROUP_OPTIONS_H

#include "waitgroup.h"

struct waitgroup_options_ {
    int strict;            /* every wait conflicts with an unordered first add; copies are found */
    int report_locks_held; /* a wait with a mutex held is reported */
    uint64_t stall_after;  /* nanoseconds after which a wait that blocks is reported; 0: never */
    uint64_t perturb;      /* seed of the delays in TSan programs; 0: none */
};

extern struct waitgroup_options_ waitgroup_options_;

/* Reads waitgroup_default_options() and then the environment. A mistake in them is told on standard
 * error and ends the process with status 2. */
void waitgroup_options_parse_(void);

#endif
