/* Who waits for what, who holds it, and where all of them stand. */
#define _GNU_SOURCE
#include "stack.h"
#include "turn.h"

enum { WAITING_FOR_STACK = 200 };

static struct schedule_blocked *shown[MAX_THREADS];

void held_add(const struct act *act)
{
    if (self->held_count < MAX_HELD) {
        self->held[self->held_count].object = act->object;
        self->held[self->held_count].pc = act->pc;
        self->held[self->held_count].kind = act->kind;
    }
    self->held_count++;
}

/* Whoever unlocks is not always who locked. */
void held_remove(uintptr_t object)
{
    for (uint32_t i = self->held_count; i-- > 0;) {
        if (i >= MAX_HELD || self->held[i].object != object)
            continue;
        for (uint32_t j = i; j + 1 < self->held_count && j + 1 < MAX_HELD; j++)
            self->held[j] = self->held[j + 1];
        self->held_count--;
        return;
    }
    if (self->held_count > MAX_HELD)
        self->held_count--;
}

/* In the thread whose stack it is. */
void deadlock_show_stack(struct thread *thread)
{
    if (shown[thread->id])
        stack_record(shown[thread->id]->pcs, MAX_FRAMES, 0);
    __atomic_store_n(&shown[thread->id], NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&thread->baton, 0, __ATOMIC_RELEASE);
}

static int holder_of(uintptr_t object, const struct thread *except)
{
    for (int i = 0; i < alive_count; i++) {
        const struct thread *thread = &threads[alive[i]];
        for (uint32_t h = 0; h < thread->held_count && h < MAX_HELD; h++)
            if (thread->held[h].object == object && (thread != except || thread->held_count))
                return thread->id;
    }
    return -1;
}

static void ask_for_stack(struct thread *thread, struct schedule_blocked *blocked)
{
    shown[thread->id] = blocked;
    __atomic_store_n(&thread->baton, 2, __ATOMIC_RELEASE);
    real_wake(&thread->baton);
    for (int i = 0; i < WAITING_FOR_STACK && __atomic_load_n(&shown[thread->id], __ATOMIC_ACQUIRE); i++)
        turn_doze(1000000);
}

void deadlock_record(void)
{
    struct schedule_result *result = &shared->result;
    for (int i = 0; i < alive_count && i < MAX_BLOCKED; i++) {
        struct thread *thread = &threads[alive[i]];
        struct schedule_blocked *blocked = &result->blocked[i];
        real_clear(blocked, sizeof *blocked);
        blocked->thread = (uint32_t)thread->id;
        blocked->kind = thread->act.kind;
        blocked->object = thread->act.object;
        blocked->pc = thread->act.pc;
        if (thread->call && !turn_can_go_on(thread)) /* else it runs, in a livelock */
            real_text(blocked->call, sizeof blocked->call, thread->call);
        blocked->holder = holder_of(thread->act.object, thread);
        blocked->held_count = thread->held_count < MAX_HELD ? thread->held_count : MAX_HELD;
        for (uint32_t h = 0; h < blocked->held_count; h++) {
            blocked->held[h].object = thread->held[h].object;
            blocked->held[h].pc = thread->held[h].pc;
            blocked->held[h].kind = thread->held[h].kind;
        }
        result->blocked_count = (uint32_t)i + 1;
        if (thread == self)
            stack_record(blocked->pcs, MAX_FRAMES, 0);
        else
            ask_for_stack(thread, blocked);
    }
}
