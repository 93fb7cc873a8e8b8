/* Where the calling thread is. */
#ifndef SCHEDULE_STACK_H
#define SCHEDULE_STACK_H

#include <stdint.h>

/* Its return addresses, the innermost first, 0 after the last: all, or those above the call that returns to
 * `above`. */
void stack_record(uint64_t *pcs, uint32_t most, uintptr_t above);

#endif
