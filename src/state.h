/* The 64-bit word of a group and what an add makes of it: pure, without atomics or I/O.
 *
 *   bits 63..32  counter, signed: tasks that have not finished
 *   bits 31..0   waiters: threads enlisted for the release at counter zero
 *
 * Three steps move the word:
 *   add d    counter += d, by anyone; raising it from 0 while waiters > 0 is misuse
 *   enlist   waiters += 1, only while counter > 0 (and back, when a deadline passes)
 *   open     whole word = 0, only by the add of d < 0 that left counter 0 with waiters > 0 */
#ifndef WAITGROUP_STATE_H
#define WAITGROUP_STATE_H

#include "waitgroup.h"

enum state_event {
    STATE_SETTLED,  /* nothing else to do */
    STATE_OPENING,  /* this add has to open the word and release the waiters */
    STATE_NEGATIVE, /* the counter fell below zero */
    STATE_OVERFLOW, /* the counter rose past INT32_MAX: the sign bit shows that too */
    STATE_MISUSE,   /* raised from zero while waiters were about to be released */
    STATE_FOREIGN,  /* no steps lead here: the memory is no group */
};

/* Linux never has more threads than this, and no other system that is at hand. */
#define STATE_MOST_WAITERS (UINT32_C(1) << 22)

WAITGROUP_UNINSTRUMENTED_ static inline int32_t state_counter(uint64_t state)
{
    return (int32_t)(uint32_t)(state >> 32);
}

WAITGROUP_UNINSTRUMENTED_ static inline uint32_t state_waiters(uint64_t state)
{
    return (uint32_t)state;
}

/* Can this be the word of a group? Only the waiters tell: a program that goes on after a panic can bring the
 * counter to any value. */
WAITGROUP_UNINSTRUMENTED_ static inline int state_is_possible(uint64_t state)
{
    return state_waiters(state) <= STATE_MOST_WAITERS;
}

/* What to add to the word for a delta: as unsigned, so that a negative one touches the counter only. */
WAITGROUP_UNINSTRUMENTED_ static inline uint64_t state_change(int delta)
{
    return (uint64_t)(uint32_t)delta << 32;
}

/* Did this add take the counter from zero? */
WAITGROUP_UNINSTRUMENTED_ static inline int state_is_first_add(uint64_t now, int delta)
{
    return delta > 0 && state_counter(now) == delta;
}

/* Only a negative delta opens: an add(0) during a release in flight sees counter 0 with waiters too,
 * and would release them a second time; the tickets left over would fail a later, correct round. */
WAITGROUP_UNINSTRUMENTED_ static inline enum state_event state_after_add(uint64_t now, int delta)
{
    if (!state_is_possible(now))
        return STATE_FOREIGN;
    if (state_counter(now) < 0)
        return delta > 0 && state_counter(now - state_change(delta)) >= 0 ? STATE_OVERFLOW : STATE_NEGATIVE;
    if (state_waiters(now) != 0 && state_is_first_add(now, delta))
        return STATE_MISUSE;
    if (state_waiters(now) != 0 && state_counter(now) == 0 && delta < 0)
        return STATE_OPENING;
    return STATE_SETTLED;
}

#endif
