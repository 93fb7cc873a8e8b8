/* Acts that may find nothing new: a load, a compare-and-exchange that fails, a trylock, a yield, a look
 * at the clock. A thread that does the same ones again and again, with the same result and nothing
 * changed by others in between, waits in a loop. It is passed over until others have changed something,
 * or until nobody else can go on: it may be a loop that counts, after all. */
#include "turn.h"

/* So many same looks make a loop. Who spins for a while before he sleeps must come to his sleep; and who
 * changes something himself in between is at work. Where all orders are tried, there is less time for
 * that: each look more is a choice more. */
static uint32_t patience(const struct thread *thread, bool soon)
{
    const bool works = thread->own_writes != thread->look_own_writes;
    return works ? soon ? 50 : 250 : soon ? 3 : 24;
}

enum { MOST_LOOKS = 250 };

static uint64_t key_of(const struct act *act, uint64_t value)
{
    uint64_t key =
        act->pc * 0x9e3779b97f4a7c15u ^ (act->object + 1) * 0xbf58476d1ce4e5b9u ^ value * 0x94d049bb133111ebu;
    return key ? key : 1;
}

static uint64_t writes_by_others(const struct thread *thread)
{
    return plain_writes - thread->own_writes;
}

/* Who looks at an atomic or a lock waits for one of its kind to change; any other loop may wait for a
 * plain variable. */
static bool waits_for_writes(const struct thread *thread)
{
    const enum schedule_kind kind = thread->act.kind;
    return kind == KIND_SPIN || kind == KIND_YIELD || kind == KIND_CLOCK || kind == KIND_SLEEP;
}

static bool others_changed(const struct thread *thread)
{
    return thread->look_changes != changes_by_others(thread) ||
           (waits_for_writes(thread) && thread->look_writes != writes_by_others(thread));
}

/* How often this look has been before, since others have last changed something. */
static int count_look(uint64_t key)
{
    if (others_changed(self)) {
        self->look_changes = changes_by_others(self);
        self->look_writes = writes_by_others(self);
        self->look_own_writes = self->own_writes;
        self->looks = 0;
    }
    for (uint32_t i = 0; i < self->looks; i++)
        if (self->look_key[i] == key)
            return self->look_count[i] < MOST_LOOKS ? self->look_count[i]++ : MOST_LOOKS;
    if (self->looks == MAX_LOOKS)
        self->looks = 0;
    self->look_key[self->looks] = key;
    self->look_count[self->looks++] = 1;
    return 0;
}

bool look_is_futile(const struct thread *thread, bool soon)
{
    return thread->look_repeated >= patience(thread, soon) && !others_changed(thread);
}

static void begin_look(const struct act *act, uint64_t value)
{
    self->act.kind = act->kind;
    self->look_repeated = (uint32_t)count_look(key_of(act, value));
    if (look_is_futile(self, true))
        orders_touch_all(); /* any act of another thread before this one may let it go on */
}

void look(struct act act, uint64_t value)
{
    begin_look(&act, value);
    act.reads = true;
    turn_act(act);
    self->look_repeated = 0;
}

void look_in_loop(struct act act, uint64_t value)
{
    begin_look(&act, value);
    act.reads = true;
    if (look_is_futile(self, true) || !orders_are_explored())
        turn_act(act);
    else
        turn_act_quietly(act);
    self->look_repeated = 0;
}

/* A nap in a loop: its second end, with nothing changed by others since the first, teaches nobody
 * anything. */
static uint64_t nap_of(const struct thread *thread)
{
    return thread->act.pc * 31 + thread->act.object + 1;
}

bool look_may_time_out(const struct thread *thread)
{
    return thread->nap_key != nap_of(thread) ||
           thread->nap_changes != changes_by_others(thread) + writes_by_others(thread);
}

void look_timed_out(struct thread *thread)
{
    thread->nap_key = nap_of(thread);
    thread->nap_changes = changes_by_others(thread) + writes_by_others(thread);
}
