/* All orders, depth first, each once.
 *
 * A run cannot be taken back, so each is a process of its own: it follows a prefix of turns, then always
 * takes the first candidate. The next prefix changes the last turn in whose place another thread is wanted.
 *
 * A turn is what a thread does from one choice to its next: an act on an object and all that follows,
 * unlocking and plain accesses included. Two turns that touch nothing in common, or only look at it, can
 * be swapped without a difference to anybody. So another thread is wanted only where that leads to another
 * order of two turns that cannot (races.c). And where one thread's turn has been tried, its siblings need not
 * try it again before somebody has touched what it touched: until then the thread sleeps (sleep sets, after
 * Godefroid). A run in which only sleepers can go on repeats an earlier one.
 *
 * A turn in which the process ends can be swapped with none: what others would have done after it does
 * not happen. So until it is over, a turn counts as touching everything.
 *
 * Unlocking is no choice: whoever waits for the lock cannot tell when it was. A thread that only tries the
 * lock can; so once a run has had such an attempt, the search begins anew, with unlocking as a choice. */
#define _GNU_SOURCE
#include "orders.h"

#include <sys/mman.h>
#include <sys/syscall.h>

static struct footprint beginning, *footprint = &beginning; /* of the turn that runs now */
static const struct footprint *sleeps[MAX_THREADS];

bool orders_are_explored(void)
{
    return shared->request.strategy == SCHEDULE_ORDERS;
}

void orders_touch(uintptr_t address, size_t size, bool written)
{
    if (orders_are_explored())
        footprint_touch(footprint, address, address + size, written);
}

void orders_touch_all(void)
{
    footprint->everything = true;
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

void orders_touch_act(const struct thread *thread)
{
    if (orders_are_explored())
        footprint_touch_act(footprint, thread);
}

static void end_turn(void)
{
    footprint->over = true;
    for (int t = 0; t < thread_count; t++)
        if (sleeps[t] && footprint_dependence(sleeps[t], footprint) != INDEPENDENT)
            sleeps[t] = NULL;
}

/* All who have not ended stand before their next turn. */
static void note_waiters(void)
{
    uint32_t count = 0;
    for (int i = 0; i < alive_count && count < MAX_WAITERS; i++) {
        const struct thread *thread = &threads[alive[i]];
        struct waiter *waiter = &orders->waiters[count++];
        waiter->thread = (uint16_t)thread->id;
        footprint_begin(&waiter->footprint, thread);
        waiter->footprint.over = true;
    }
    orders->waiter_count = count;
    orders->untold |= thread_count > MAX_ORDERED;
}

static void note_candidates(struct turn *turn, const int *candidates, int count)
{
    turn->count = (uint16_t)count;
    turn->tried = turn->wanted = 0;
    turn->passed_over[0] = turn->passed_over[1] = 0;
    for (int i = 0; i < count; i++)
        turn->candidates[i] = (uint16_t)candidates[i];
    for (int i = 0; i < alive_count; i++) {
        const struct thread *thread = &threads[alive[i]];
        if (thread->id < MAX_ORDERED && (thread->deadline != NEVER || thread->look_repeated > 0))
            turn->passed_over[thread->id / 64] |= UINT64_C(1) << thread->id % 64;
    }
}

static bool has_candidates(const struct turn *turn, const int *candidates, int count)
{
    if (turn->count != count)
        return false;
    for (int i = 0; i < count; i++)
        if (turn->candidates[i] != candidates[i])
            return false;
    return true;
}

static struct turn *next_turn(const int *candidates, int count)
{
    if (orders->count == MAX_TURNS)
        turn_end(OUTCOME_LIMIT, "more turns in one run than can be explored: too long, or without end");
    if (count > MAX_CANDIDATES)
        turn_end(OUTCOME_LIMIT, "more threads can go on at once than can be explored");
    struct turn *turn = &orders->turns[orders->count];
    if (orders->count < orders->prefix_length && has_candidates(turn, candidates, count))
        return turn;
    if (orders->count < orders->prefix_length)
        orders->prefix_length = orders->count; /* something outside has its say */
    note_candidates(turn, candidates, count);
    return turn;
}

/* Alone, a thread has one turn. */
static bool goes_on(const int *candidates, int count)
{
    return orders->count > 0 && count == 1 && (alive_count == 1 || orders->count > MAX_TURNS / 2) &&
           orders_thread(&orders->turns[orders->count - 1]) == candidates[0];
}

int orders_choose(const int *candidates, int count)
{
    end_turn();
    note_waiters();
    if (goes_on(candidates, count)) {
        footprint->over = false;
        footprint_touch_act(footprint, &threads[candidates[0]]);
        return candidates[0];
    }
    struct turn *turn = next_turn(candidates, count);
    turn->asleep = 0;
    for (int i = 0; i < count; i++)
        if (sleeps[candidates[i]])
            turn->asleep |= UINT64_C(1) << i;
    if (orders->count >= orders->prefix_length) {
        for (turn->taken = 0; turn->taken < count && (turn->asleep >> turn->taken & 1); turn->taken++)
            ;
        if (turn->taken == count)
            turn_end(OUTCOME_REPEATED, NULL);
        turn->wanted = UINT64_C(1) << turn->taken;
    }
    orders->count++;
    shared->result.choices += count > 1;
    for (int i = 0; i < count && !(shared->request.flags & FLAG_UNREDUCED); i++)
        if (i != turn->taken && (turn->tried >> i & 1))
            sleeps[candidates[i]] = &turn->footprints[i];
    footprint = &turn->footprints[turn->taken];
    footprint_begin(footprint, &threads[candidates[turn->taken]]);
    return candidates[turn->taken];
}

/* Nobody can go on, whatever the order of what is over by now. */
void orders_stuck(void)
{
    if (!orders_are_explored())
        return;
    end_turn();
    note_waiters();
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
    orders->unlock_is_choice = orders->tried_locks = orders->untold = false;
    shared->result.orders = 0;
}

/* The last turn in whose place another is wanted makes way for it. */
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
    if (result->outcome == OUTCOME_REPEATED)
        orders->waiter_count = 0;
    else
        result->orders++;
    races_find();
    for (uint32_t last = orders->count; last-- > 0;) {
        struct turn *turn = &orders->turns[last];
        const uint64_t all = turn->count == 64 ? UINT64_MAX : (UINT64_C(1) << turn->count) - 1;
        turn->tried |= UINT64_C(1) << turn->taken;
        const uint64_t left = all & turn->wanted & ~turn->tried & ~turn->asleep;
        if (left) {
            turn->taken = (uint16_t)__builtin_ctzll(left);
            orders->prefix_length = last + 1;
            return;
        }
    }
    orders->prefix_length = 0;
    result->last_order = 1;
}

void orders_begin_run(void)
{
    orders->count = orders->waiter_count = 0;
}
