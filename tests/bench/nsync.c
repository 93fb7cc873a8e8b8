/* nsync_counter: used once, as it may not rise again after a wait. */
#include <nsync_counter.h>
#include <stdlib.h>

typedef nsync_counter group;

static inline void nsync_begin(group *g, unsigned n)
{
    *g = nsync_counter_new(n);
    if (*g == NULL)
        abort();
}

#define SINGLE_USE        1
#define micro_begin(g)    nsync_begin(g, 0)
#define group_begin(g, n) nsync_begin(g, (unsigned)(n))
#define group_add(g)      nsync_counter_add(*(g), 1)
#define group_done(g)     nsync_counter_add(*(g), -1)
#define group_wait(g)     nsync_counter_wait(*(g), nsync_time_no_deadline)
#define group_end(g)      nsync_counter_free(*(g))

#include "workloads.h"
