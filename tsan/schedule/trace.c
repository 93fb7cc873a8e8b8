/* What threads did, in order, for those who draw or tell it. */
#include "stack.h"
#include "turn.h"

void trace_act(const struct thread *thread, const struct act *act, unsigned flags)
{
    struct schedule_result *result = &shared->result;
    const bool access = act->kind == KIND_READ || act->kind == KIND_WRITE;
    const bool alone = access && !(flags & EVENT_HELD); /* nobody else comes in between */
    if (!(shared->request.flags & (alone ? FLAG_TRACE_ACCESSES : FLAG_TRACE | FLAG_TRACE_ACCESSES)))
        return;
    if (result->event_count < MAX_EVENTS) {
        struct schedule_event *event = &result->events[result->event_count];
        *event = (struct schedule_event){
            .pc = act->pc,
            .object = act->object,
            .argument = act->argument,
            .step = thread->step,
            .access = thread->access,
            .thread = (uint16_t)thread->id,
            .kind = (uint16_t)act->kind,
            .flags = (uint16_t)flags,
            .size = act->size,
        };
        if ((shared->request.flags & FLAG_TRACE_CALLERS) && act->pc)
            stack_record(event->callers, MAX_CALLERS, act->pc);
    }
    result->event_count++;
}

void trace_held(void)
{
    if (!self->finished && (shared->request.flags & (FLAG_TRACE | FLAG_TRACE_ACCESSES)))
        trace_act(self, &self->act, EVENT_HELD | (turn_can_go_on(self) ? 0u : EVENT_BLOCKED));
}

/* What the act has come to is known after it has begun. */
void trace_amend(unsigned flags)
{
    struct schedule_result *result = &shared->result;
    if ((shared->request.flags & (FLAG_TRACE | FLAG_TRACE_ACCESSES)) && result->event_count > 0 &&
        result->event_count <= MAX_EVENTS)
        result->events[result->event_count - 1].flags |= (uint16_t)flags;
}
