/* The virtual clock of a run under control. */
#ifndef SCHEDULE_CLOCK_H
#define SCHEDULE_CLOCK_H

#include "real.h"

void clock_begin(void);
void clock_tick(uint64_t ticks);
bool clock_is_virtual(int clock);
uint64_t clock_read(int clock);
uint64_t clock_after(const struct timespec *span); /* a deadline */

#endif
