/* The library itself as a peer; without spinning too, by another spin.c (no_spin.c). */
#include "../../src/spin.h"

#include <waitgroup.h>

typedef waitgroup_t group;
#define group_begin(g, n) waitgroup_add(g, n)
#define group_add(g)      waitgroup_add(g, 1)
#define group_done(g)     waitgroup_done(g)
#define group_wait(g)     waitgroup_wait(g)
#define group_end(g)      (void)(g)
#define look_on(g)        waitgroup_spin_(g)

static void task(void *unused)
{
    (void)unused;
}
#define group_go(g)                               \
    do {                                          \
        int error_ = waitgroup_go(g, task, NULL); \
        if (error_ != 0)                          \
            fail("waitgroup_go", error_);         \
    } while (0)

#include "workloads.h"
