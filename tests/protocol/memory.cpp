/* What an access of memory does.
 *
 * Which value an atomic load may return, and what happens before what, is Relacy's: thread_info keeps the
 * threads' clocks, atomic_data the last three values of a variable. Relacy wants its own types in the
 * source; here its variables are found by address instead, so that the source need not change.
 *
 * Of every four bytes it is known which thread has accessed them last, and how: two accesses, one of
 * them a write and one of them not atomic, of which neither happens before the other, are a data race,
 * whatever the order in which they were executed. Freeing is a write after which nothing may come.
 *
 * The memory itself always holds the newest value. */
#include "engine.h"

#include <cstring>

namespace protocol
{
namespace
{

enum kind { PLAIN_READ, PLAIN_WRITE, ATOMIC_READ, ATOMIC_WRITE, KINDS };

struct variable {
    uintptr_t address;
    unsigned size;
    uint64_t values[rl::atomic_history_size];
    rl::atomic_data_impl<THREADS> data;

    /* Its first value is whatever the memory holds: visible to all, as it was there before the threads,
     * or by plain writes that each atomic access must have happened after. */
    explicit variable(const memory_access &a) : address(a.address), size(a.size), data(self())
    {
        data.history_[0].acq_rel_timestamp_ = 0;
        values[0] = 0;
        std::memcpy(&values[0], reinterpret_cast<void *>(address), size);
    }

    unsigned newest() const
    {
        return data.current_index_ % rl::atomic_history_size;
    }

    void set(unsigned index, uint64_t value)
    {
        values[index] = value;
        std::memcpy(reinterpret_cast<void *>(address), &value, size);
    }
};

struct cell {
    uintptr_t address;
    bool freed;
    variable *atomic;
    rl::timestamp_t last[KINDS][THREADS];
};

constexpr unsigned GRAIN = 4;
constexpr size_t MAX_CELLS = 512, MAX_VARIABLES = 64, SLOTS = 2048;

cell cells[MAX_CELLS];
size_t cells_used;
uint16_t slots[SLOTS]; /* a hash table: the number of a cell and one, or 0 */
alignas(variable) unsigned char variables[MAX_VARIABLES][sizeof(variable)];
size_t variables_used;

size_t slot_of(uintptr_t address)
{
    size_t slot = address / GRAIN % SLOTS;
    while (slots[slot] != 0 && cells[slots[slot] - 1].address != address)
        slot = (slot + 1) % SLOTS;
    return slot;
}

cell &cell_at(uintptr_t address)
{
    const size_t slot = slot_of(address);
    if (slots[slot] == 0) {
        if (cells_used == MAX_CELLS)
            fail("the model has no room for so much memory: raise MAX_CELLS");
        std::memset(&cells[cells_used], 0, sizeof(cell));
        cells[cells_used].address = address;
        slots[slot] = static_cast<uint16_t>(++cells_used);
    }
    return cells[slots[slot] - 1];
}

bool is_write(kind k)
{
    return k == PLAIN_WRITE || k == ATOMIC_WRITE;
}

bool is_atomic(kind k)
{
    return k == ATOMIC_READ || k == ATOMIC_WRITE;
}

const char *name(kind k)
{
    static const char *const names[] = {"read", "write", "atomic read", "atomic write"};
    return names[k];
}

void tell(const memory_access &a, const char *what, int order, uint64_t before, uint64_t after,
          const char *remark)
{
    story_add({what, a.address, a.size, order, a.caller, before, after, remark, 0});
}

/* The access of this kind by the calling thread: does every conflicting one happen before it? */
void touch(const memory_access &a, cell &c, kind now)
{
    thread_info &me = self();
    if (c.freed) {
        tell(a, name(now), a.order, 0, 0, "of freed memory");
        fail("%s of freed memory", name(now));
    }
    for (int before = 0; before != KINDS; ++before) {
        const kind k = static_cast<kind>(before);
        if ((!is_write(now) && !is_write(k)) || (is_atomic(now) && is_atomic(k)))
            continue;
        for (int i = 0; i != THREADS; ++i)
            if (me.acq_rel_order_[i] < c.last[k][i]) {
                tell(a, name(now), a.order, 0, 0, "races");
                fail("data race: this %s and an earlier %s of T%d", name(now), name(k), number_of(i));
            }
    }
    c.last[now][me.index_] = ++me.own_acq_rel_order_;
}

template <typename Action>
void for_each_cell(const memory_access &a, Action action)
{
    for (uintptr_t at = a.address / GRAIN * GRAIN; at < a.address + a.size; at += GRAIN)
        action(cell_at(at));
}

/* The variable of an atomic access, once the access itself is found allowed. */
variable &touch_atomic(const memory_access &a, kind now)
{
    variable *v = cell_at(a.address).atomic;
    if (v == nullptr) {
        if (variables_used == MAX_VARIABLES)
            fail("the model has no room for so many atomics: raise MAX_VARIABLES");
        v = new (variables[variables_used++]) variable(a);
    }
    for_each_cell(a, [&](cell &c) {
        if (c.atomic != nullptr && c.atomic != v)
            fail("atomics that overlap, which the model does not know");
        touch(a, c, now);
        c.atomic = v;
    });
    if (v->address != a.address || v->size != a.size)
        fail("atomic accesses of several sizes, which the model does not know");
    return *v;
}

/* The compilers' numbers; consume and sequential consistency are not used by the library. */
enum order { RELAXED = 0, ACQUIRE = 2, RELEASE = 3, ACQ_REL = 4 };

bool acquires(int order)
{
    return order == ACQUIRE || order == ACQ_REL;
}

bool releases(int order)
{
    return order == RELEASE || order == ACQ_REL;
}

void demand_known(int order)
{
    if (order != RELAXED && order != ACQUIRE && order != RELEASE && order != ACQ_REL)
        fail("an order that the model does not know");
}

/* Some value that the thread may see, without what an acquire would take over. */
unsigned see_some(variable &v)
{
    return static_cast<rl::thread_info_base &>(self()).atomic_load_relaxed(&v.data);
}

void take_over(const variable &v, unsigned index)
{
    thread_info &me = self();
    for (int i = 0; i != THREADS; ++i)
        if (me.acq_rel_order_[i] < v.data.history_[index].acq_rel_order_[i])
            me.acq_rel_order_[i] = v.data.history_[index].acq_rel_order_[i];
}

/* A read-modify-write: of the newest value, and its release sequences go on. */
void put_changed(variable &v, int order, uint64_t value)
{
    rl::thread_info_base &me = self();
    bool aba;
    const unsigned index = order == RELAXED   ? me.atomic_rmw_relaxed(&v.data, aba)
                           : order == ACQUIRE ? me.atomic_rmw_acquire(&v.data, aba)
                           : order == RELEASE ? me.atomic_rmw_release(&v.data, aba)
                                              : me.atomic_rmw_acq_rel(&v.data, aba);
    v.set(index, value);
}

uint64_t changed(change c, uint64_t value, uint64_t operand)
{
    switch (c) {
    case ADD:
        return value + operand;
    case SUBTRACT:
        return value - operand;
    case AND:
        return value & operand;
    case OR:
        return value | operand;
    case EXCHANGE:
        return operand;
    }
    return value;
}

uint64_t cut(const memory_access &a, uint64_t value)
{
    return a.size == 8 ? value : value & ((UINT64_C(1) << 8 * a.size) - 1);
}

const char *age(const variable &v, unsigned index)
{
    return index == v.newest() ? "" : "an OLD value";
}

} // namespace

void memory_begin()
{
    for (size_t i = cells_used; i-- > 0;) /* in reverse, so that no search meets a gap */
        slots[slot_of(cells[i].address)] = 0;
    cells_used = 0;
    variables_used = 0;
}

uint64_t atomic_load(const memory_access &a)
{
    step();
    demand_known(a.order);
    variable &v = touch_atomic(a, ATOMIC_READ);
    const unsigned index = see_some(v);
    if (acquires(a.order))
        take_over(v, index);
    tell(a, "load", a.order, v.values[index], v.values[index], age(v, index));
    return v.values[index];
}

uint64_t atomic_newest(const memory_access &a)
{
    variable &v = touch_atomic(a, ATOMIC_READ);
    return v.values[static_cast<rl::thread_info_base &>(self()).atomic_load_relaxed_rmw(&v.data)];
}

void atomic_store(const memory_access &a, uint64_t value)
{
    step();
    demand_known(a.order);
    variable &v = touch_atomic(a, ATOMIC_WRITE);
    const uint64_t before = v.values[v.newest()];
    rl::thread_info_base &me = self();
    const unsigned index =
        releases(a.order) ? me.atomic_store_release(&v.data) : me.atomic_store_relaxed(&v.data);
    /* A store ends the release sequences that it follows (C++20). Relacy lets them go on if the value
     * before is the thread's own, those of other threads included. */
    for (int i = 0; i != THREADS; ++i)
        v.data.history_[index].acq_rel_order_[i] = releases(a.order) ? me.acq_rel_order_[i] : 0;
    v.set(index, value);
    tell(a, "store", a.order, before, value, "");
}

uint64_t atomic_change(const memory_access &a, change c, uint64_t operand)
{
    step();
    demand_known(a.order);
    variable &v = touch_atomic(a, ATOMIC_WRITE);
    const uint64_t before = v.values[v.newest()];
    put_changed(v, a.order, cut(a, changed(c, before, operand)));
    tell(a,
         c == ADD        ? "add"
         : c == EXCHANGE ? "exchange"
                         : "change",
         a.order, before, v.values[v.newest()], "");
    return before;
}

/* Strong: it fails only by a value that differs. This may be an old one, as of every load; Relacy's own
 * looks at the newest alone. */
bool atomic_compare_exchange(const memory_access &a, int failure_order, uint64_t *expected, uint64_t desired)
{
    step();
    demand_known(a.order);
    demand_known(failure_order);
    variable &v = touch_atomic(a, ATOMIC_READ);
    unsigned index = see_some(v);
    if (v.values[index] == *expected && v.values[v.newest()] == *expected) {
        touch_atomic(a, ATOMIC_WRITE);
        put_changed(v, a.order, desired);
        tell(a, "compare-exchange", a.order, *expected, desired, "");
        return true;
    }
    if (v.values[index] == *expected)
        index = static_cast<rl::thread_info_base &>(self()).atomic_load_relaxed_rmw(&v.data);
    if (acquires(failure_order))
        take_over(v, index);
    tell(a, "compare-exchange fails", failure_order, v.values[index], v.values[index], age(v, index));
    *expected = v.values[index];
    return false;
}

void plain_read(const memory_access &a)
{
    for_each_cell(a, [&](cell &c) { touch(a, c, PLAIN_READ); });
    tell(a, "read", a.order, 0, 0, "");
}

/* What an atomic variable here was is over: the next atomic access finds what is being written. */
void plain_write(const memory_access &a)
{
    for_each_cell(a, [&](cell &c) {
        touch(a, c, PLAIN_WRITE);
        if (variable *const v = c.atomic)
            for (uintptr_t at = v->address; at < v->address + v->size; at += GRAIN)
                cell_at(at).atomic = nullptr;
    });
    tell(a, "write", a.order, 0, 0, "");
}

void free_memory(const memory_access &a)
{
    step();
    for_each_cell(a, [&](cell &c) {
        touch(a, c, PLAIN_WRITE);
        c.freed = true;
    });
    tell(a, "free", a.order, 0, 0, "");
}

} // namespace protocol
