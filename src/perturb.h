/* The points of the library's own calls at which WAITGROUP_OPTIONS=perturb=SEED may hold a thread up. */
#ifndef WAITGROUP_PERTURB_H
#define WAITGROUP_PERTURB_H

#include "shared/perturb_strategy.h"

/* Called only when there is a seed; in a program without ThreadSanitizer they do nothing. A task started by
 * waitgroup_go() inherits: its identity is drawn from the parent's and adopted in the new thread. */
void waitgroup_perturb_(enum perturb_point point);
uint64_t waitgroup_perturb_child_(void);
void waitgroup_perturb_adopt_(uint64_t identity);

#endif
