/* By the unwinder: TSan's own stacks are not to be had outside of a report. */
#include "stack.h"
#include "turn.h"

#include <unwind.h>

struct frames {
    uint64_t *pcs;
    uint32_t count, most;
    uintptr_t above;
};

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *context, void *argument)
{
    struct frames *frames = argument;
    const uintptr_t pc = _Unwind_GetIP(context);
    if (frames->above) {
        if (pc == frames->above)
            frames->above = 0;
        return _URC_NO_REASON;
    }
    if (frames->count == frames->most)
        return _URC_END_OF_STACK;
    frames->pcs[frames->count++] = pc;
    return _URC_NO_REASON;
}

void stack_record(uint64_t *pcs, uint32_t most, uintptr_t above)
{
    struct frames frames = {pcs, 0, most, above};
    struct thread *me = self;
    self = NULL; /* what the unwinder locks is its own affair */
    _Unwind_Backtrace(add_frame, &frames);
    self = me;
    if (frames.count < most)
        pcs[frames.count] = 0;
}
