/* What a turn has touched, and so whether others could tell it from another order of the same turns. */
#ifndef SCHEDULE_FOOTPRINT_H
#define SCHEDULE_FOOTPRINT_H

#include "turn.h"

enum { MAX_RANGES = 24 };

struct footprint {
    bool over, everything; /* until it is over it counts as everything, too */
    bool overflown;        /* it has touched more than stands here */
    bool has_deadline;
    int awaited; /* the first of these are what it has to wait for */
    int count;
    struct range {
        uintptr_t start, end;
        bool written;
        bool released; /* a lock that the thread had before this turn */
    } touched[MAX_RANGES];
};

void footprint_begin(struct footprint *footprint, const struct thread *thread); /* with its act */
void footprint_touch(struct footprint *footprint, uintptr_t start, uintptr_t end, bool written);
void footprint_touch_act(struct footprint *footprint, const struct thread *thread);

enum dependence {
    INDEPENDENT,
    FOLLOWS,   /* by the life of a thread: they can have no other order */
    CONFLICTS, /* both touch something */
    UNKNOWN    /* one of them counts as everything */
};

enum dependence footprint_dependence(const struct footprint *a, const struct footprint *b);
bool footprint_moves_awaited(const struct footprint *a, const struct footprint *waits);
bool footprint_releases_awaited(const struct footprint *a, const struct footprint *waits);

#endif
