/* A run as the search for orders sees it, turn by turn: orders.c writes it, races.c says what else is to be
 * tried. */
#ifndef SCHEDULE_ORDERS_H
#define SCHEDULE_ORDERS_H

#include "footprint.h"

enum { MAX_TURNS = 16384, MAX_CANDIDATES = 64, MAX_ORDERED = 128, MAX_WAITERS = 256 };

/* Sets of candidates have a bit for each. */
struct turn {
    uint16_t count, taken;
    uint16_t candidates[MAX_CANDIDATES]; /* threads */
    uint64_t asleep;                     /* those that need not be tried */
    uint64_t tried, wanted;
    uint64_t passed_over[MAX_ORDERED / 64];      /* threads that only look, or whose time may not be up yet */
    uint16_t clock[MAX_ORDERED];                 /* by thread: 1 + its last turn that this one depends on */
    struct footprint footprints[MAX_CANDIDATES]; /* of the turns that have been taken here */
};

struct orders {
    uint32_t count, prefix_length;
    bool tried_locks, unlock_is_choice;
    bool untold; /* there were more threads than can be told apart */
    uint32_t waiter_count;
    struct waiter { /* one whose next turn has not come */
        uint16_t thread;
        struct footprint footprint;
    } waiters[MAX_WAITERS];
    struct turn turns[MAX_TURNS];
};

extern struct orders *orders; /* shared by the server and its runs; races.c has it */

static inline int orders_thread(const struct turn *turn)
{
    return turn->candidates[turn->taken];
}

/* races.c: after a run. */
void races_find(void);

#endif
