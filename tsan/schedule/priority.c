/* Probabilistic concurrency testing (Burckhardt and others): who has the highest priority goes on; at a few
 * choices, drawn beforehand, the first in rank becomes the last. */
#include "priority.h"
#include "dice.h"
#include "turn.h"

enum { HIGHEST = 1 << 30, LOW = 1 << 20, MOST_CHANGES = 16 };
#define GOLDEN_RATIO 0x9e3779b9u /* less 1, in parts of 2^32 */

static uint32_t change_at[MOST_CHANGES], change_count;
static struct {
    int thread; /* -1: none */
    uint32_t act;
    bool begins; /* the first in rank until then */
} preempted = {.thread = -1};

static uint64_t *priority_of(int thread)
{
    if (threads[thread].priority == 0)
        threads[thread].priority =
            HIGHEST + (preempted.begins && thread == preempted.thread ? HIGHEST : dice_below(HIGHEST));
    return &threads[thread].priority;
}

/* Then it becomes the last. */
static bool is_starving_others(int best, const int *candidates, int count)
{
    static int favourite;
    static uint32_t in_a_row;
    in_a_row = best == favourite ? in_a_row + 1 : 0;
    favourite = best;
    if (in_a_row < STARVING || count == 1)
        return false;
    in_a_row = 0;
    for (int i = 0; i < count; i++)
        if (*priority_of(candidates[i]) <= threads[best].priority)
            threads[best].priority = *priority_of(candidates[i]) - 1;
    return true;
}

/* Before the act for which it has been picked now. */
static bool is_preempted(int thread)
{
    static uint32_t picks[MAX_ACTING];
    const int actor = thread % MAX_ACTING;
    if (++picks[actor] > shared->learnt.picks[actor])
        shared->learnt.picks[actor] = picks[actor];
    return thread == preempted.thread && picks[actor] == preempted.act;
}

int priority_choose(const int *candidates, int count)
{
    for (;;) {
        int best = candidates[0];
        for (int i = 1; i < count; i++)
            if (*priority_of(candidates[i]) > *priority_of(best))
                best = candidates[i];
        bool changes_here = false;
        for (uint32_t i = 0; i < change_count; i++)
            if (change_at[i] == shared->result.choices) {
                change_at[i] = 0;
                threads[best].priority = LOW * (uint64_t)(change_count - i);
                changes_here = true;
            }
        if (is_preempted(best)) {
            threads[best].priority = LOW / 2;
            changes_here = true;
        }
        if (!changes_here && !is_starving_others(best, candidates, count))
            return best;
    }
}

/* Of the changes of priority one is not left to chance: each thread is preempted before each of its acts, as
 * many as runs by priority have come to, in turn. However many there are, multiples of the golden ratio are
 * spread evenly over them. In half of the runs the thread is the first in rank until then, so it gets there
 * before anybody else has done anything; in the others somebody may go first. */
static bool draw_preempted(void)
{
    struct schedule_learnt *const learnt = &shared->learnt;
    uint32_t all = 0;
    for (int thread = 0; thread < MAX_ACTING; thread++)
        all += learnt->picks[thread];
    if (all == 0)
        return false;
    uint32_t at = (uint32_t)((uint64_t)(learnt->preempted++ * GOLDEN_RATIO) * all >> 32);
    for (preempted.thread = 0; at >= learnt->picks[preempted.thread]; preempted.thread++)
        at -= learnt->picks[preempted.thread];
    preempted.act = at + 1;
    preempted.begins = dice_below(2);
    return true;
}

void priority_begin(uint32_t depth)
{
    const uint32_t length = shared->learnt.choices ? shared->learnt.choices : 100;
    const uint32_t first_drawn = depth > 1 && draw_preempted() ? 2 : 1;
    for (change_count = 0; change_count + first_drawn < depth && change_count < MOST_CHANGES; change_count++)
        change_at[change_count] = 1 + dice_below(length);
}
