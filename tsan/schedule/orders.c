/* All orders, depth first, each once (sleep sets, after Godefroid).
 *
 * A run cannot be taken back, so each is a process of its own: it follows a prefix of choices, then
 * always takes the first. The next prefix changes the last choice that has one left.
 *
 * A turn is what a thread does from one choice to its next: an act on an object and all that follows,
 * unlocking and plain accesses included. Two turns that touch nothing in common, or only look at it, can
 * be swapped without a difference to anybody. Where one thread's turn has been tried, its siblings need
 * not try it again before somebody has touched what it touched: until then the thread sleeps. A run in
 * which only sleepers can go on repeats an earlier one.
 *
 * A turn in which the process ends can be swapped with none: what others would have done after it does
 * not happen. So until it is over, a turn counts as touching everything.
 *
 * Unlocking is no choice: whoever waits for the lock cannot tell when it was. A thread that only tries the
 * lock can; so once a run has had such an attempt, the search begins anew, with unlocking as a choice. */
#define _GNU_SOURCE
#include "turn.h"

#include <sys/mman.h>
#include <sys/syscall.h>

enum { MAX_CHOICES = 8192, MAX_CANDIDATES = 64, MAX_RANGES = 24 };

struct footprint {
    bool over, everything;
    int count;
    struct range {
        uintptr_t start, end;
        bool written;
    } touched[MAX_RANGES];
};

struct orders {
    uint32_t choices, prefix_length;
    struct {
        uint16_t taken, from;
        uint64_t asleep; /* the candidates that need not be tried, a bit each */
    } choice[MAX_CHOICES];
    uint16_t prefix[MAX_CHOICES];
    bool tried_locks, unlock_is_choice;
    struct footprint tried[MAX_CHOICES][MAX_CANDIDATES]; /* the turns, by choice and candidate */
};

static struct orders *orders; /* shared by the server and its runs */

static struct footprint forced, *turn = &forced; /* of the turn that runs now */
static const struct footprint *sleeps[MAX_THREADS];

bool orders_are_explored(void)
{
    return shared->request.strategy == SCHEDULE_ORDERS;
}

void orders_touch(uintptr_t address, size_t size, bool written)
{
    const uintptr_t start = address, end = address + size;
    if (turn->everything || !orders_are_explored())
        return;
    for (int i = 0; i < turn->count; i++) {
        struct range *range = &turn->touched[i];
        if (range->written != written || start < range->start || start > range->end)
            continue;
        if (end > range->end)
            range->end = end;
        return;
    }
    if (turn->count == MAX_RANGES)
        turn->everything = true;
    else
        turn->touched[turn->count++] = (struct range){start, end, written};
}

void orders_touch_all(void)
{
    turn->everything = true;
}

void orders_try(void)
{
    if (orders_are_explored())
        orders->tried_locks = true;
}

bool orders_unlock_is_choice(void)
{
    return !orders_are_explored() || orders->unlock_is_choice;
}

static bool swappable(const struct footprint *a, const struct footprint *b)
{
    if (!a->over || a->everything || !b->over || b->everything)
        return false;
    for (const struct range *x = a->touched; x < a->touched + a->count; x++)
        for (const struct range *y = b->touched; y < b->touched + b->count; y++)
            if (x->start < y->end && y->start < x->end && (x->written || y->written))
                return false;
    return true;
}

static void begin_turn(struct footprint *of, const struct act *act)
{
    turn = of;
    turn->over = turn->everything = false;
    turn->count = 0;
    orders_touch(act->object, 1, !act->reads);
}

static int given_choice(int count)
{
    if (orders->choices == MAX_CHOICES)
        turn_end(OUTCOME_LIMIT, "more choices in one run than can be explored: too long, or without end");
    if (count > MAX_CANDIDATES)
        turn_end(OUTCOME_LIMIT, "more threads can go on at once than can be explored");
    const int taken = orders->choices < orders->prefix_length ? orders->prefix[orders->choices] : 0;
    return taken < count ? taken : 0;
}

int orders_choose(const int *candidates, int count)
{
    turn->over = true;
    for (int t = 0; t < thread_count; t++)
        if (sleeps[t] && !swappable(sleeps[t], turn))
            sleeps[t] = NULL;
    int taken = count == 1 ? 0 : given_choice(count);
    uint64_t asleep = 0;
    for (int i = 0; i < count; i++)
        if (sleeps[candidates[i]])
            asleep |= UINT64_C(1) << i;
    while (taken < count && (asleep >> taken & 1))
        taken++;
    const bool repeats = taken == count;
    struct footprint *here = orders->tried[orders->choices];
    if (count > 1) {
        orders->choice[orders->choices].taken = (uint16_t)(repeats ? count - 1 : taken);
        orders->choice[orders->choices].asleep = asleep;
        orders->choice[orders->choices++].from = (uint16_t)count;
        shared->result.choices = orders->choices;
    }
    if (repeats)
        turn_end(OUTCOME_REPEATED, NULL);
    for (int i = 0; i < taken; i++)
        if (!sleeps[candidates[i]])
            sleeps[candidates[i]] = &here[i];
    begin_turn(count > 1 ? &here[taken] : &forced, &threads[candidates[taken]].act);
    return candidates[taken];
}

void orders_prepare(void)
{
    /* Pages that no run writes to take no memory. */
    const long flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
    const long memory = REAL(SYS_mmap, 0, sizeof *orders, PROT_READ | PROT_WRITE, flags, -1);
    if (memory < 0 && memory > -4096)
        turn_end(OUTCOME_LIMIT, "out of memory");
    orders = (struct orders *)memory;
}

void orders_first(void)
{
    orders->prefix_length = 0;
    orders->unlock_is_choice = orders->tried_locks = false;
    shared->result.orders = 0;
}

/* After the one taken, the next candidate that does not sleep; -1: none. */
static int next_candidate(uint32_t choice)
{
    for (int next = orders->choice[choice].taken + 1; next < orders->choice[choice].from; next++)
        if (!(orders->choice[choice].asleep >> next & 1))
            return next;
    return -1;
}

/* The last choice that has one left takes it. */
void orders_next(void)
{
    struct schedule_result *result = &shared->result;
    if (orders->tried_locks && !orders->unlock_is_choice) {
        orders->unlock_is_choice = true;
        orders->prefix_length = 0;
        result->orders = 0;
        result->outcome = OUTCOME_REPEATED;
        return;
    }
    if (result->outcome != OUTCOME_REPEATED)
        result->orders++;
    int last = (int)orders->choices - 1, next = 0;
    for (; last >= 0 && (next = next_candidate((uint32_t)last)) < 0; last--)
        ;
    for (int i = 0; i < last; i++)
        orders->prefix[i] = orders->choice[i].taken;
    if (last >= 0)
        orders->prefix[last] = (uint16_t)next;
    orders->prefix_length = (uint32_t)(last + 1);
    result->last_order = last < 0;
}

void orders_begin_run(void)
{
    orders->choices = 0;
}
