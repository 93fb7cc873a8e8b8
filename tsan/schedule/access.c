/* Plain accesses, as the compiler announces them.
 *
 * In a program without a race nobody can notice their order, so they are choices only where threads are
 * known to share what they touch: the first runs find such places out, by the 8-byte cell. Memory that one
 * thread hands to the next stays among them for good; so the number of such choices in a run is limited, and
 * the run says when they are used up. */
#include "entry.h"

enum { MAX_ACCESS_CHOICES = 20000, LOOK_EVERY = 4096, WRITTEN = 0x8000, SEVERAL = 0x7fff };

static uint16_t users[MAX_PLACES]; /* 1 + the thread that alone has touched the place, and whether it wrote */
static uint32_t choices;

static uint32_t place_of(uintptr_t address)
{
    return (uint32_t)((address >> 3) * 0x9e3779b97f4a7c15u >> 48);
}

static void learn(uint32_t place, bool writes)
{
    const uint16_t me = (uint16_t)(self->id + 1), user = users[place];
    if (user == 0 || (user & SEVERAL) == me) {
        users[place] = (uint16_t)(user | me | (writes ? WRITTEN : 0));
        return;
    }
    if ((writes || (user & WRITTEN)) && !shared->learnt.place[place]) {
        shared->learnt.place[place] = 1;
        shared->learnt.shared++;
    }
    users[place] = (uint16_t)(SEVERAL | (user & WRITTEN) | (writes ? WRITTEN : 0));
}

static bool is_choice(uint32_t flags, uint32_t place)
{
    if (shared->request.strategy == SCHEDULE_REPLAY)
        return choose_is_given_at_access();
    if (!(flags & FLAG_ALL_ACCESSES) && !((flags & FLAG_ACCESSES) && shared->learnt.place[place]))
        return false;
    if (choices == MAX_ACCESS_CHOICES) {
        shared->result.accesses_spent = 1;
        return false;
    }
    choices++;
    return true;
}

/* So many without an act: perhaps it waits for a variable to change, which others must do. */
static void suspect_loop(struct act act)
{
    self->accesses_since = 0;
    act.kind = KIND_SPIN;
    look_in_loop(act, *(const volatile uint8_t *)act.object);
}

static function *access(const struct call *call, uintptr_t address, size_t size, bool writes)
{
    const uint32_t flags = shared->request.flags;
    const struct act act = {writes ? KIND_WRITE : KIND_READ, address, call->pc, 0, (uint16_t)size, !writes};
    const uint32_t place = place_of(address);
    self->access++;
    if (++self->accesses_since == LOOK_EVERY)
        suspect_loop(act);
    if (flags & FLAG_LEARN)
        learn(place, writes);
    if (is_choice(flags, place))
        turn_access(act);
    if (writes) {
        plain_writes++;
        self->own_writes++;
    }
    orders_touch(address, size, writes);
    trace_act(self, &act, 0);
    return NULL;
}

static function *on_access(const struct call *call)
{
    return access(call, call->args[0], call->entry->size, call->entry->kind == KIND_WRITE);
}

static function *on_range(const struct call *call)
{
    return access(call, call->args[0], call->args[1], call->entry->kind == KIND_WRITE);
}

static function *on_copy(const struct call *call)
{
    access(call, call->args[1], call->args[2], false);
    return access(call, call->args[0], call->args[2], true);
}

static function *on_fill(const struct call *call)
{
    return access(call, call->args[0], call->args[2], true);
}

/* With a tag, which names what the memory is; part of a call of the library, so no choice. */
static function *on_tagged(const struct call *call)
{
    const struct act act = {KIND_READ, call->args[0], call->pc, call->args[2], 1, true};
    trace_act(self, &act, 0);
    return NULL;
}

#define ACCESS(name, kind, size) THUNK_WITH_DELAYS(__tsan_##name, on_access, kind, size, -1, -1)
#define ACCESSES(size)                      \
    ACCESS(read##size, READ, size)          \
    ACCESS(write##size, WRITE, size)        \
    ACCESS(read_write##size, WRITE, size)   \
    ACCESS(volatile_read##size, READ, size) \
    ACCESS(volatile_write##size, WRITE, size)
#define UNALIGNED(size)                               \
    ACCESS(unaligned_read##size, READ, size)          \
    ACCESS(unaligned_write##size, WRITE, size)        \
    ACCESS(unaligned_read_write##size, WRITE, size)   \
    ACCESS(unaligned_volatile_read##size, READ, size) \
    ACCESS(unaligned_volatile_write##size, WRITE, size)

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
UNALIGNED(2)
UNALIGNED(4)
UNALIGNED(8)
UNALIGNED(16)
ACCESS(vptr_update, WRITE, 8)
ACCESS(vptr_read, READ, 8)
THUNK(__tsan_read_range, on_range, READ)
THUNK(__tsan_write_range, on_range, WRITE)
THUNK(__tsan_memcpy, on_copy, WRITE)
THUNK(__tsan_memmove, on_copy, WRITE)
THUNK(__tsan_memset, on_fill, WRITE)
THUNK(__tsan_external_read, on_tagged, READ)
