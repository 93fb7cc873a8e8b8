/* The pure step: what an add makes of the word, as a table and against wide arithmetic. */
#include "state.h"

#include <criterion/criterion.h>
#include <limits.h>

static uint64_t word(int64_t counter, uint32_t waiters)
{
    return (uint64_t)counter << 32 | waiters;
}

static const struct row {
    const char *what;
    int32_t counter;
    uint32_t waiters;
    int delta;
    int32_t counter_after;
    enum state_event event;
    int first;
} rows[] = {
    {"nothing added to nothing", 0, 0, 0, 0, STATE_SETTLED, 0},
    {"the first add", 0, 0, 1, 1, STATE_SETTLED, 1},
    {"the first add, of many", 0, 0, 1000, 1000, STATE_SETTLED, 1},
    {"a further add", 1, 0, 1, 2, STATE_SETTLED, 0},
    {"a further add while somebody waits", 1, 3, 1, 2, STATE_SETTLED, 0},
    {"zero added while somebody waits", 5, 3, 0, 5, STATE_SETTLED, 0},
    {"a Done of several", 2, 0, -1, 1, STATE_SETTLED, 0},
    {"a Done of several while somebody waits", 2, 7, -1, 1, STATE_SETTLED, 0},
    {"the last Done, nobody waits", 1, 0, -1, 0, STATE_SETTLED, 0},
    {"the last Done releases one", 1, 1, -1, 0, STATE_OPENING, 0},
    {"the last Done releases all", 1, STATE_MOST_WAITERS, -1, 0, STATE_OPENING, 0},
    {"several Dones at once", 8, 2, -8, 0, STATE_OPENING, 0},
    {"zero added during a release does not release again", 0, 2, 0, 0, STATE_SETTLED, 0},
    {"raised during a release", 0, 2, 1, 1, STATE_MISUSE, 1},
    {"raised far during a release", 0, 1, INT_MAX, INT32_MAX, STATE_MISUSE, 1},
    {"a Done too many", 0, 0, -1, -1, STATE_NEGATIVE, 0},
    {"a Done too many during a release", 0, 2, -1, -1, STATE_NEGATIVE, 0},
    {"too much taken off", 3, 1, -4, -1, STATE_NEGATIVE, 0},
    {"as much as possible taken off", 0, 0, INT_MIN, INT32_MIN, STATE_NEGATIVE, 0},
    {"as much as possible taken off a full counter", INT32_MAX, 0, INT_MIN, -1, STATE_NEGATIVE, 0},
    {"up to the limit", INT32_MAX - 1, 0, 1, INT32_MAX, STATE_SETTLED, 0},
    {"up to the limit at once", 0, 0, INT_MAX, INT32_MAX, STATE_SETTLED, 1},
    {"past the limit", INT32_MAX, 0, 1, INT32_MIN, STATE_OVERFLOW, 0},
    {"past the limit as far as possible", INT32_MAX, 4, INT_MAX, -2, STATE_OVERFLOW, 0},
    {"too little added after a Done too many", -2, 0, 1, -1, STATE_NEGATIVE, 0},
    {"down from the limit", INT32_MAX, 1, -INT32_MAX, 0, STATE_OPENING, 0},
    {"more waiters than there can be", 1, STATE_MOST_WAITERS + 1, -1, 0, STATE_FOREIGN, 0},
    {"memory of ones", -1, UINT32_MAX, 1, 0, STATE_FOREIGN, 0},
    {"memory of ones, counted down", -1, UINT32_MAX, -1, -2, STATE_FOREIGN, 0},
    {"memory of letters", 0x37373737, 0x37373737, 2, 0x37373739, STATE_FOREIGN, 0},
};

Test(state, table)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        const uint64_t now = word(row->counter, row->waiters) + state_change(row->delta);
        cr_expect_eq(state_counter(now), row->counter_after, "%s: counter %d", row->what, state_counter(now));
        cr_expect_eq(state_waiters(now), row->waiters, "%s: waiters %u", row->what, state_waiters(now));
        cr_expect_eq(state_after_add(now, row->delta), row->event, "%s: event", row->what);
        cr_expect_eq(state_is_first_add(now, row->delta), row->first, "%s: first", row->what);
    }
}

Test(state, agrees_with_wide_arithmetic_at_every_boundary)
{
    static const int edges[] = {0, 1, 2, 3, 1 << 15, 1 << 30, INT_MAX - 2, INT_MAX - 1, INT_MAX};
    static const uint32_t crowds[] = {0,         1,         2, STATE_MOST_WAITERS, STATE_MOST_WAITERS + 1,
                                      INT32_MAX, UINT32_MAX};
    enum { EDGES = sizeof edges / sizeof *edges, CROWDS = sizeof crowds / sizeof *crowds };
    for (int c = 0; c < EDGES; c++)
        for (int w = 0; w < CROWDS; w++)
            for (int d = 0; d < 2 * EDGES + 1; d++) {
                const int delta = d < EDGES ? edges[d] : d < 2 * EDGES ? -edges[d - EDGES] : INT_MIN;
                const int64_t sum = (int64_t)edges[c] + delta;
                const uint64_t now = word(edges[c], crowds[w]) + state_change(delta);
                enum state_event expected = STATE_SETTLED;
                if (crowds[w] > STATE_MOST_WAITERS)
                    expected = STATE_FOREIGN;
                else if (sum < 0)
                    expected = STATE_NEGATIVE;
                else if (sum > INT32_MAX)
                    expected = STATE_OVERFLOW;
                else if (crowds[w] && edges[c] == 0 && delta > 0)
                    expected = STATE_MISUSE;
                else if (crowds[w] && sum == 0 && delta < 0)
                    expected = STATE_OPENING;
                cr_assert_eq(state_after_add(now, delta), expected, "counter %d, waiters %u, delta %d",
                             edges[c], crowds[w], delta);
                cr_assert_eq(state_waiters(now), crowds[w]);
            }
}
