/* Calls of a library that tells where they begin and end. Such a call is one piece up to where it blocks:
 * what it does inside is no choice. The library says so by AnnotateNoOp(NAME, PLACE, OBJECT), a function
 * of TSan's that does nothing, NAME being that of the call; see src/call.h. WAITGROUP_SCHEDULE_INSIDE=1
 * ignores it. */
#include "entry.h"
#include "call.h"

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

static void begin(const struct call *call)
{
    if (self->in_call++ > 0)
        return;
    self->call_object = call->args[2];
    turn_act((struct act){.kind = KIND_CALL, .object = call->args[2], .pc = call->pc, .argument = call->args[0]});
}

static void end(const struct call *call)
{
    if (self->in_call == 0 || --self->in_call > 0)
        return;
    turn_act_quietly((struct act){
        .kind = KIND_RETURN, .object = call->args[2], .pc = call->pc, .argument = call->args[0], .reads = true});
}

static function *on_place(const struct call *call)
{
    if (!call->args[0] || !is_ours((const char *)call->args[0]))
        return NULL;
    const enum call_place place = (enum call_place)call->args[1];
    self->nap = place == CALL_NAPS;
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

THUNK(AnnotateNoOp, on_place, CALL)
