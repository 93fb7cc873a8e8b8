/* What strategies draw: from the seed alone, so the same seed makes the same run. */
#ifndef SCHEDULE_DICE_H
#define SCHEDULE_DICE_H

#include <stdint.h>

void dice_begin(uint64_t seed);
uint64_t dice_roll(void);
uint32_t dice_below(uint64_t limit);

#endif
