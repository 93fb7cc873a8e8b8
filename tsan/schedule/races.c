/* Which other orders a run calls for (dynamic partial order reduction with source sets, after Flanagan and
 * Godefroid, and Abdulla and others).
 *
 * Where two turns depend on each other and nothing between them keeps them apart, the second could have
 * been first. So in the place of the first, a thread is wanted that leads there: one that begins what came in
 * between and does not depend on the first, or the second's own. Where a turn races with none, no other
 * order of it is tried: nobody could tell them apart.
 *
 * "Before" is kept in vector clocks: of each turn, how many of each thread's turns come before it for all
 * that depend on each other. */
#include "orders.h"

struct orders *orders;

struct found {
    uint32_t turn;
    enum dependence how;
};

static uint16_t last[MAX_ORDERED]; /* by thread: 1 + its last turn so far */

static const struct footprint *footprint_of(const struct turn *turn)
{
    return &turn->footprints[turn->taken];
}

static bool is_before(uint32_t turn, const uint16_t *clock)
{
    return clock[orders_thread(&orders->turns[turn])] > turn;
}

static void join(uint16_t *clock, const uint16_t *other)
{
    for (int thread = 0; thread < MAX_ORDERED; thread++)
        if (other[thread] > clock[thread])
            clock[thread] = other[thread];
}

static uint64_t bit_of(const struct turn *turn, int thread)
{
    for (int i = 0; i < turn->count; i++)
        if (turn->candidates[i] == thread)
            return UINT64_C(1) << i;
    return 0;
}

static bool was_passed_over(const struct turn *turn, int thread)
{
    return turn->passed_over[thread / 64] >> thread % 64 & 1;
}

static bool depends_on_any(const uint16_t *clock, const uint16_t *first)
{
    for (int thread = 0; thread < MAX_ORDERED; thread++)
        if (first[thread] && clock[thread] >= first[thread])
            return true;
    return false;
}

enum reversal { IMPOSSIBLE, PERHAPS, POSSIBLE };

/* The turn of a thread that came at a later point is to come before the turn `here`. Perhaps it cannot: what
 * it waits for may come by `here`. */
static enum reversal want_reversed(uint32_t here, uint32_t later, int thread, const uint16_t *clock)
{
    struct turn *turn = &orders->turns[here];
    uint16_t first[MAX_ORDERED]; /* by thread: 1 + its first turn in between that is not after `here` */
    real_clear(first, sizeof first);
    uint64_t leads_there = 0;
    for (uint32_t i = here + 1; i < later; i++) {
        const struct turn *between = &orders->turns[i];
        const int actor = orders_thread(between);
        if (first[actor] || is_before(here, between->clock))
            continue;
        if (!depends_on_any(between->clock, first))
            leads_there |= bit_of(turn, actor);
        first[actor] = (uint16_t)(i + 1);
    }
    const bool stands_here = !first[thread] && !depends_on_any(clock, first);
    const uint64_t own = stands_here ? bit_of(turn, thread) : 0;
    if (stands_here && !own && !was_passed_over(turn, thread))
        return IMPOSSIBLE;
    leads_there |= own;
    if (!(leads_there & (turn->wanted | turn->asleep)))
        turn->wanted |= leads_there ? leads_there & -leads_there : UINT64_MAX;
    return own ? POSSIBLE : PERHAPS;
}

/* Those that a thread's turn depends on, the last first; `clock` is that of its turn before, and becomes its
 * own. */
static uint32_t find_dependences(uint32_t at, const struct footprint *footprint, uint16_t *clock,
                                 struct found *found)
{
    uint16_t before[MAX_ORDERED];
    uint32_t count = 0;
    real_copy(before, clock, sizeof before);
    for (uint32_t i = at; i-- > 0;) {
        if (is_before(i, before))
            continue;
        const enum dependence how = footprint_dependence(footprint_of(&orders->turns[i]), footprint);
        if (how != CONFLICTS && how != FOLLOWS)
            continue;
        found[count++] = (struct found){i, how};
        join(clock, orders->turns[i].clock);
    }
    for (uint32_t i = at; i-- > 0;)
        if (!is_before(i, clock) &&
            footprint_dependence(footprint_of(&orders->turns[i]), footprint) == UNKNOWN) {
            found[count++] = (struct found){i, UNKNOWN};
            join(clock, orders->turns[i].clock);
        }
    return count;
}

/* A thread's turn races with those that it depends on with nothing in between that it could not have come
 * before, too. What it had to wait for is nothing of the kind: it may have come before a lock was taken,
 * though not before it was released. */
static void find_races_of(uint32_t at, int thread, const struct footprint *footprint, uint16_t *clock)
{
    static struct found found[MAX_TURNS];
    uint16_t passed[MAX_ORDERED], reversible[MAX_ORDERED];
    real_copy(passed, clock, sizeof passed);
    real_copy(reversible, clock, sizeof reversible);
    const uint32_t count = find_dependences(at, footprint, clock, found);
    for (uint32_t i = 0; i < count; i++) {
        const struct turn *turn = &orders->turns[found[i].turn];
        const bool moves_awaited = footprint_moves_awaited(footprint_of(turn), footprint);
        const bool races =
            found[i].how == UNKNOWN || (found[i].how == CONFLICTS && !is_before(found[i].turn, reversible) &&
                                        (!is_before(found[i].turn, passed) || moves_awaited) &&
                                        !footprint_releases_awaited(footprint_of(turn), footprint));
        const enum reversal reversal = races ? want_reversed(found[i].turn, at, thread, clock) : IMPOSSIBLE;
        if (reversal == POSSIBLE || (reversal == PERHAPS && !moves_awaited))
            join(reversible, turn->clock);
        join(passed, turn->clock);
    }
}

static void begin_clock(uint16_t *clock, int thread)
{
    if (last[thread])
        real_copy(clock, orders->turns[last[thread] - 1].clock, sizeof orders->turns[0].clock);
    else
        real_clear(clock, sizeof orders->turns[0].clock);
}

/* Those before the last of the prefix have been looked at after an earlier run. */
void races_find(void)
{
    if (orders->untold || shared->request.flags & FLAG_UNREDUCED) {
        for (uint32_t i = 0; i < orders->count; i++)
            orders->turns[i].wanted = UINT64_MAX;
        return;
    }
    real_clear(last, sizeof last);
    for (uint32_t i = 0; i < orders->count; i++) {
        struct turn *turn = &orders->turns[i];
        const int thread = orders_thread(turn);
        if (i + 1 >= orders->prefix_length) {
            begin_clock(turn->clock, thread);
            find_races_of(i, thread, footprint_of(turn), turn->clock);
            turn->clock[thread] = (uint16_t)(i + 1);
        }
        last[thread] = (uint16_t)(i + 1);
    }
    for (uint32_t i = 0; i < orders->waiter_count; i++) {
        const struct waiter *waiter = &orders->waiters[i];
        uint16_t clock[MAX_ORDERED];
        begin_clock(clock, waiter->thread);
        find_races_of(orders->count, waiter->thread, &waiter->footprint, clock);
    }
}
