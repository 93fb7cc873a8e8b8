/* Watching over whoever has the turn (watch.c). */
#ifndef SCHEDULE_WATCH_H
#define SCHEDULE_WATCH_H

#include <stdint.h>

const char *watch_finds(int holder, uint64_t steps); /* why it is to lose the turn; NULL: it keeps it */

#endif
