/* The library's own points under WAITGROUP_OPTIONS=perturb=SEED: its process's seed, its threads' identities,
 * and the strategy that it shares with race-test (shared/perturb_pass.h). */
#define _POSIX_C_SOURCE 200809L
#include "perturb.h"
#include "shared/perturb_pass.h"
#include "options.h"
#include "race.h"
#include "static_tls.h"

static struct perturb_process process;

static STATIC_TLS struct perturb_thread self;

WAITGROUP_ENTRY_ void waitgroup_perturb_(enum perturb_point point)
{
    if (!race_enabled())
        return;
    if (__atomic_load_n(&process.seed, __ATOMIC_RELAXED) == 0) {
        /* The first call; if two threads come at once, both write the same. */
        __atomic_store_n(&process.began, perturb_now(), __ATOMIC_RELAXED);
        __atomic_store_n(&process.seed, waitgroup_options_.perturb, __ATOMIC_RELAXED);
    }
    perturb_pass(&process, &self, point);
}

WAITGROUP_ENTRY_ uint64_t waitgroup_perturb_child_(void)
{
    return perturb_child(&self);
}

WAITGROUP_ENTRY_ void waitgroup_perturb_adopt_(uint64_t identity)
{
    self = (struct perturb_thread){.identity = identity};
}
