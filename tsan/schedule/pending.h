/* What is on its way to a thread, as the hooks of signals and timers tell it. */
#ifndef SCHEDULE_PENDING_H
#define SCHEDULE_PENDING_H

#include "turn.h"

#include <time.h>

extern struct pending {
    int sent;       /* signals, by the program to itself */
    bool overdue;   /* one of them has reached nobody yet */
    uint64_t known; /* those to the process that nobody has taken: bits, as in /proc */
    bool alarm;     /* alarm() or setitimer() was called */
} pending;

void pending_add_timer(timer_t timer); /* as the kernel knows it */
uint64_t pending_signals_of(const struct thread *thread,
                            const char name[9]); /* a set, by its name in /proc */

#endif
