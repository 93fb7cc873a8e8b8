/* Prints the seed that the delays at calls of pthreads read in WAITGROUP_OPTIONS, and the library's. */
#include "../../tsan/schedule/delay.c"
#include "../../tsan/schedule/real.c"
#include "options.h"

#include <inttypes.h>
#include <stdio.h>

void tsan_push(uintptr_t pc)
{
    (void)pc;
}

void tsan_shift(uint32_t phase)
{
    (void)phase;
}

void tsan_pop(void)
{
}

void witness_thread(void)
{
}

/* First the delays' seed, so that a bad one is theirs to refuse. */
int main(void)
{
    const uint64_t seed = seed_of(getenv("WAITGROUP_OPTIONS"));
    waitgroup_options_parse_();
    printf("%" PRIu64 " %" PRIu64 "\n", seed, waitgroup_options_.perturb);
    return 0;
}
