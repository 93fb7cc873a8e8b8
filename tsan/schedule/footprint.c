/* Footprints of turns: ranges of memory and objects, read or written. */
#include "footprint.h"

static void touch(struct footprint *of, struct range touched)
{
    for (int i = 0; i < of->count; i++) {
        struct range *range = &of->touched[i];
        if (range->written != touched.written || touched.start < range->start || touched.start > range->end ||
            (range->released && touched.end > range->end))
            continue;
        if (touched.end > range->end)
            range->end = touched.end;
        return;
    }
    if (of->count == MAX_RANGES)
        of->overflown = true;
    else
        of->touched[of->count++] = touched;
}

void footprint_touch(struct footprint *footprint, uintptr_t start, uintptr_t end, bool written)
{
    touch(footprint, (struct range){start, end, written, false});
}

/* A thread's life is told at two places: what only waits for its beginning or its end touches the second. */
static bool is_life(const struct range *range)
{
    const uintptr_t begin = (uintptr_t)threads, end = (uintptr_t)(threads + MAX_THREADS);
    return range->start >= begin && range->start < end && (range->start - begin) % sizeof *threads == 1;
}

static bool holds(const struct thread *thread, uintptr_t object)
{
    for (uint32_t i = 0; i < thread->held_count && i < MAX_HELD; i++)
        if (thread->held[i].object == object)
            return true;
    return false;
}

void footprint_touch_act(struct footprint *footprint, const struct thread *thread)
{
    const struct act *act = &thread->act;
    const uintptr_t object = act->object;
    const bool follows = act->kind == KIND_START || act->kind == KIND_CREATE ||
                         (act->kind == KIND_JOIN && thread->ready && thread->deadline == NEVER);
    const bool unlocks = act->kind == KIND_UNLOCK || act->kind == KIND_SPIN_UNLOCK;
    if (follows || act->kind == KIND_END)
        footprint_touch(footprint, object + 1, object + 2, !act->reads);
    if (!follows)
        touch(footprint, (struct range){object, object + 1, !act->reads, unlocks && holds(thread, object)});
    if (act->kind == KIND_COND_WOKEN)
        footprint_touch(footprint, thread->mutex, thread->mutex + 1, true);
}

void footprint_begin(struct footprint *footprint, const struct thread *thread)
{
    footprint->over = footprint->everything = footprint->overflown = false;
    footprint->count = 0;
    footprint_touch_act(footprint, thread);
    footprint->awaited = thread->ready ? footprint->count : 0;
    footprint->has_deadline = thread->deadline != NEVER;
}

/* Time passes to the later of two deadlines, whichever passes first; who looks at it can tell. */
static bool conflict(const struct range *x, const struct range *y)
{
    if (x->start >= y->end || y->start >= x->end)
        return false;
    return x->start == CLOCKS ? x->written != y->written : x->written || y->written;
}

enum dependence footprint_dependence(const struct footprint *a, const struct footprint *b)
{
    enum dependence how = INDEPENDENT;
    if (!a->over || a->everything || !b->over || b->everything)
        how = UNKNOWN;
    for (const struct range *x = a->touched; x < a->touched + a->count; x++)
        for (const struct range *y = b->touched; y < b->touched + b->count; y++)
            if (conflict(x, y)) {
                if (!is_life(x))
                    return CONFLICTS;
                how = FOLLOWS;
            }
    return a->overflown || b->overflown ? CONFLICTS : how;
}

static bool touches_awaited(const struct footprint *a, const struct footprint *waits, bool released)
{
    for (const struct range *x = a->touched; x < a->touched + a->count; x++)
        for (const struct range *y = waits->touched; y < waits->touched + waits->awaited; y++)
            if (conflict(x, y) && (x->released || !released))
                return true;
    return false;
}

/* Has a touched what the other one waits for? */
bool footprint_moves_awaited(const struct footprint *a, const struct footprint *waits)
{
    return a->overflown || touches_awaited(a, waits, false);
}

/* Then the other one cannot have come before. */
bool footprint_releases_awaited(const struct footprint *a, const struct footprint *waits)
{
    return !waits->has_deadline && touches_awaited(a, waits, true);
}
