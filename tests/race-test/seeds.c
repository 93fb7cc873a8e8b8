/* Prints the seed that the delays at calls of pthreads read in WAITGROUP_OPTIONS, and the library's. */
#include "../../tsan/schedule/delay.c"
#include "options.h"

#include <inttypes.h>
#include <stdio.h>

void entry_push(uintptr_t pc)
{
    (void)pc;
}

void entry_pop(void)
{
}

int main(void)
{
    waitgroup_options_parse_();
    printf("%" PRIu64 " %" PRIu64 "\n", seed_of(getenv("WAITGROUP_OPTIONS")), waitgroup_options_.perturb);
    return 0;
}
