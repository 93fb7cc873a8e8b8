/* Calls of this project's library, which tells where they begin and end (src/shared/call.h). Such a call is
 * one piece up to where it blocks: what it does inside is no choice. WAITGROUP_SCHEDULE_INSIDE=1 ignores what
 * it tells: with a library whose atomics are instrumented, that explores its own steps. */
#include "shared/call.h"
#include "entry.h"
#include "server.h"

#include <stdlib.h>

static bool inside_too;

void call_prepare(void)
{
    const char *given = getenv("WAITGROUP_SCHEDULE_INSIDE");
    inside_too = given && given[0] == '1';
}

static bool is_ours(const char *name)
{
    static const char ours[] = "waitgroup_";
    for (int i = 0; ours[i]; i++)
        if (name[i] != ours[i])
            return false;
    return true;
}

static struct act act_at(const struct call *call, enum schedule_kind kind)
{
    const struct call_facts *facts = (const struct call_facts *)call->args[2];
    return (struct act){.kind = kind,
                        .object = (uintptr_t)facts->object,
                        .pc = (uintptr_t)facts->caller,
                        .argument = call->args[0]};
}

static void begin(const struct call *call)
{
    if (self->in_call++ > 0)
        return;
    const struct act act = act_at(call, KIND_CALL);
    self->call_object = act.object;
    self->call_pc = act.pc;
    turn_act(act);
}

static void end(const struct call *call)
{
    if (self->in_call == 0 || --self->in_call > 0)
        return;
    struct act act = act_at(call, KIND_RETURN);
    act.reads = true;
    turn_act_quietly(act);
}

static function *on_place(const struct call *call)
{
    if (!call->args[0] || !is_ours((const char *)call->args[0]))
        return NULL;
    const enum call_place place = (enum call_place)call->args[1];
    if (place == CALL_IS_HEARD) /* asked before the first run, too */
        *(int *)(uintptr_t)((const struct call_facts *)call->args[2])->object = 1;
    if (!controlled())
        return NULL;
    self->nap = place == CALL_NAPS;
    self->nap_deadline = self->nap ? (uintptr_t)((const struct call_facts *)call->args[2])->caller : 0;
    if (inside_too)
        return NULL;
    if (place == CALL_BEGINS)
        begin(call);
    else if (place == CALL_ENDS)
        end(call);
    else if (place == CALL_LEAVES)
        self->in_call = 0;
    return NULL;
}

THUNK_OF(AnnotateNoOp, on_place, CALL, 0, -1, -1, true, NULL)
