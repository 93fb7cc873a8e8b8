/* Acts that may find nothing new: a load, a compare-and-exchange that fails, a trylock, a yield, a look
 * at the clock. A thread that does the same ones again and again, with the same result and nothing
 * changed by others in between, waits in a loop. It is passed over until others have changed something,
 * or until nobody else can go on: it may be a loop that counts, after all. */
#include "turn.h"

enum { MOST_LOOKS = 1000, PATIENT = 250, IMPATIENT = 24, HASTY = 3, AT_WORK = 4 };

/* Some spin for a while before they sleep, and what goes wrong may need that they come to their sleep
 * undisturbed, however long they spin. Others spin for ever. So who is patient is drawn, by place. */
static bool is_patient(const struct thread *thread)
{
    const uint64_t draw = (shared->request.seed + 1) * 0x9e3779b97f4a7c15u ^
                          (thread->act.pc + (uint64_t)thread->id) * 0xbf58476d1ce4e5b9u;
    return (draw * 0x94d049bb133111ebu >> 62) == 0;
}

/* So many same looks make a loop. A thread that changes something itself in between does more than wait.
 * Where all orders are tried, each further look is a further choice. */
static uint32_t patience(const struct thread *thread, enum looks looks)
{
    const bool works = thread->own_writes != thread->look_own_writes;
    if (looks == LOOKS_FEW)
        return works ? 50 : HASTY;
    if (looks == LOOKS_DRAWN && !is_patient(thread))
        return works ? AT_WORK * IMPATIENT : IMPATIENT;
    return works ? AT_WORK * PATIENT : PATIENT;
}

bool look_spins_on(const struct thread *thread)
{
    const uint32_t strategy = shared->request.strategy;
    return strategy != SCHEDULE_REPLAY && strategy != SCHEDULE_ORDERS && thread == self &&
           thread->look_repeated >= HASTY && is_patient(thread);
}

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
    return kind == KIND_SPIN || kind == KIND_YIELD || kind == KIND_CLOCK || kind == KIND_SLEEP ||
           kind == KIND_CANCEL_POINT;
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

bool look_is_futile(const struct thread *thread, enum looks looks)
{
    return thread->look_repeated >= patience(thread, looks) && !others_changed(thread);
}

void look_begin(const struct act *act, uint64_t value)
{
    self->act.kind = act->kind;
    self->look_repeated = (uint32_t)count_look(key_of(act, value));
    if (look_is_futile(self, LOOKS_FEW))
        orders_touch_all(); /* any act of another thread before this one may let it go on */
}

/* A nap in a loop: its further ends, with no act of others since the first, tell nobody anything new. Plain
 * writes do not count as such acts: two such loops would keep each other running, and a third thread would
 * never have its turn. */
static uint64_t nap_of(const struct thread *thread)
{
    return (thread->in_call ? thread->call_pc : thread->act.pc) * 31 + thread->act.object + 1;
}

static bool naps_again(const struct thread *thread)
{
    return thread->nap_key == nap_of(thread) && thread->nap_changes == changes_by_others(thread);
}

bool look_may_time_out(const struct thread *thread)
{
    return !naps_again(thread) || thread->naps < HASTY;
}

void look_timed_out(struct thread *thread)
{
    thread->naps = naps_again(thread) ? thread->naps + 1 : 1;
    thread->nap_key = nap_of(thread);
    thread->nap_changes = changes_by_others(thread);
}
