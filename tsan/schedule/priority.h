/* The strategy by priorities. */
#ifndef SCHEDULE_PRIORITY_H
#define SCHEDULE_PRIORITY_H

#include <stdint.h>

/* Choices in a row for one thread: perhaps it asks, under a lock, for what others are to do. */
enum { STARVING = 5000 };

void priority_begin(uint32_t depth); /* one change of priorities less */
int priority_choose(const int *candidates, int count);

#endif
