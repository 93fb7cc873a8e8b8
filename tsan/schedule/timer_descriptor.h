/* Timers that are read from a descriptor (timer_descriptor.c). */
#ifndef SCHEDULE_TIMER_DESCRIPTOR_H
#define SCHEDULE_TIMER_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

bool timer_descriptor_expires(uint64_t deadline); /* one does by then, and virtual time has passed to it */
void timer_descriptor_set(int descriptor, uint64_t at, uint64_t interval); /* one that is not set */
bool timer_descriptor_get(int descriptor, uint64_t *at, uint64_t *interval);
void timer_descriptor_closed(int descriptor); /* or no longer set */

#endif
