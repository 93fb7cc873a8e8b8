/* Plain accesses, as the compiler announces them.
 *
 * In a program without a race nobody can notice their order, so they are choices only where threads are
 * known to share what they touch: the first runs find such places out, by the 8-byte cell. Memory that one
 * thread hands to the next stays among them for good; so of many such accesses only some are choices, ever
 * fewer, wherever in the run they are. */
#include "entry.h"

enum { MANY = 1024, LOOK_EVERY = 4096, WRITTEN = 0x8000, SEVERAL = 0x7fff };

static uint16_t users[MAX_PLACES]; /* 1 + the thread that alone has touched the place, and whether it wrote */
static uint64_t shared_accesses;
static uint64_t gap; /* so many of them are no choices */
static bool may_be_quick;

/* Neighbours stay neighbours, as programs touch memory so; what is far away, as the stacks of threads,
 * differs in more than its last bits. */
static uint32_t place_of(uintptr_t address)
{
    const uint64_t cell = address >> 3, region = cell / MAX_PLACES;
    return (uint32_t)((cell ^ region * 0x9e3779b97f4a7c15u >> 32) % MAX_PLACES);
}

void access_begin(void)
{
    const struct schedule_request *request = &shared->request;
    may_be_quick = request->strategy != SCHEDULE_ORDERS && request->strategy != SCHEDULE_REPLAY &&
                   !(request->flags & (FLAG_ALL_ACCESSES | FLAG_TRACE_ACCESSES));
    gap = request->flags & FLAG_ACCESSES ? 0 : UINT64_MAX;
}

static bool is_in_gap(void)
{
    if (gap == 0)
        return false;
    gap--;
    shared_accesses++;
    return true;
}

/* Most accesses are to what no other thread has touched, or to what nobody writes to. So this is all that
 * most calls do. */
static bool is_quick(const struct entry *entry, uintptr_t address)
{
    const bool writes = entry->kind == KIND_WRITE;
    const uint16_t user = users[place_of(address)], me = (uint16_t)(self->id + 1);
    if (!may_be_quick || self->accesses_since + 1 == LOOK_EVERY)
        return false;
    if (user == (SEVERAL | WRITTEN)) {
        if (!is_in_gap())
            return false;
    } else if (writes ? user != (me | WRITTEN) : user != SEVERAL && (user & SEVERAL) != me)
        return false;
    self->access++;
    self->accesses_since++;
    plain_writes += writes;
    self->own_writes += writes;
    return true;
}

static void learn(uint32_t place, bool writes)
{
    const uint16_t user = users[place], written = writes ? WRITTEN : 0, me = (uint16_t)(self->id + 1);
    uint8_t *known = &shared->learnt.place[place];
    if (*known) {
        users[place] = SEVERAL | WRITTEN;
    } else if (user == 0 || (user & SEVERAL) == me) {
        users[place] = user | me | written;
    } else {
        users[place] = SEVERAL | (user & WRITTEN) | written;
        *known = users[place] == (SEVERAL | WRITTEN);
        shared->learnt.shared += *known;
    }
}

static bool is_drawn(void)
{
    if (is_in_gap())
        return false;
    const uint64_t draw = (shared->request.seed + ++shared_accesses) * 0x9e3779b97f4a7c15u;
    gap = ((draw ^ draw >> 32) * 0xbf58476d1ce4e5b9u >> 32) % (2 * shared_accesses / MANY + 1);
    return true;
}

static bool is_choice(uint32_t flags, uint32_t place)
{
    if (shared->request.strategy == SCHEDULE_REPLAY)
        return choose_is_given_at_access();
    if (flags & FLAG_ALL_ACCESSES)
        return true;
    return (flags & FLAG_ACCESSES) && shared->learnt.place[place] && (orders_are_explored() || is_drawn());
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

#define ACCESS(name, kind, size) THUNK_OF(__tsan_##name, on_access, kind, size, -1, -1, false, is_quick)
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
THUNK_OF(__tsan_read_range, on_range, READ, 0, -1, -1, false, is_quick)
THUNK_OF(__tsan_write_range, on_range, WRITE, 0, -1, -1, false, is_quick)
THUNK(__tsan_memcpy, on_copy, WRITE)
THUNK(__tsan_memmove, on_copy, WRITE)
THUNK(__tsan_memset, on_fill, WRITE)
THUNK(__tsan_external_read, on_tagged, READ)
