/* How a happens-before race detector works: one file, from vector clocks to races.
 *
 * EVENTS. Each thread does one thing after another: it calls the library, locks a mutex, starts a
 * thread, reads, writes. Each is an event, and has a number in its thread, from 1.
 *
 * HAPPENS BEFORE. An event happens before another if a path leads from the one to the other, of two
 * kinds of steps: to the next event of the same thread, and along an edge from a release (done,
 * unlock, post, ...) to an acquire (the return of a wait, lock, ...) that takes over what was
 * released. Nothing else orders: not the time that passed, not "it always worked".
 *
 * VECTOR CLOCKS. To walk paths for every question would be slow. So each thread carries a clock: for
 * every thread, the number of the last event of that thread which happened before "now". A path only
 * ever carries knowledge on, so whoever knows event 7 of a thread knows its events 1 to 6 too, and
 * one number per thread is enough:
 *
 *     event e of thread t happened before now   <=>   e's number <= clock[t]
 *
 * RACES. Two accesses to the same byte, from two threads, at least one a write, not both atomic, and
 * neither happened before the other. For each byte remember the last access of each thread; at each
 * new access compare. The later one in the run can never have happened before the earlier one, so
 * one comparison of two numbers decides.
 *
 * ThreadSanitizer does the same, within fixed memory: it remembers four accesses per eight bytes,
 * this file remembers all. */
#include "detect.h"

#include <stdlib.h>
#include <string.h>

struct event events[MAX_EVENTS];
int event_count;
struct race races[MAX_RACES];
int race_count;
struct edge edges[MAX_EVENTS];
int edge_count;
int thread_count;

/* What each thread knows now, and the event that it is in. */
static struct {
    struct clock clock;
    int event;
} know[MAX_THREADS];

static void *new_zeroed(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory)
        give_up("out of memory");
    return memory;
}

static void join(struct clock *into, const struct clock *from)
{
    for (int t = 0; t < thread_count; t++)
        if (into->of[t] < from->of[t])
            into->of[t] = from->of[t];
}

/* All components of threads that are yet to come are 0. */
static void copy(struct clock *into, const struct clock *from)
{
    memcpy(into, from, sizeof into->of[0] * (size_t)thread_count);
}

static bool happened_before(const struct event *event, const struct clock *now)
{
    return event->number <= now->of[event->thread];
}

/* A thread enters its next event: the one place where clocks tick. */
int event_begin(int thread)
{
    if (event_count == MAX_EVENTS)
        give_up("too many events in one run: too long for a lesson");
    struct event *event = &events[event_count];
    event->thread = thread;
    event->number = ++know[thread].clock.of[thread];
    copy(&event->clock, &know[thread].clock);
    return know[thread].event = event_count++;
}

/* A new thread knows what its creator knew at the event of the creation. */
void thread_begin(int thread, int creator)
{
    if (thread_count <= thread)
        thread_count = thread + 1;
    know[thread].event = know[creator].event;
    copy(&know[thread].clock, &events[know[creator].event].clock);
}

/* ---------------------------------- synchronization ---------------------------------- */

/* A group, a mutex, an atomic, ...: it keeps the clock of those who released into it. from[] is only
 * for the pictures: the releasing event of each thread, where the arrows start. */
struct sync {
    uintptr_t object;
    struct sync *next;
    struct clock clock;
    int from[MAX_THREADS]; /* 1 + event; 0: none */
};

static struct sync *syncs;

static struct sync *sync_at(uintptr_t object, bool create)
{
    for (struct sync *sync = syncs; sync; sync = sync->next)
        if (sync->object == object)
            return sync;
    if (!create)
        return NULL;
    struct sync *sync = new_zeroed(sizeof *sync);
    sync->object = object;
    sync->next = syncs;
    return syncs = sync;
}

/* Does an arrow from this release tell anything? Not if another release, or the one who acquires, knew it. */
static bool tells(const struct sync *sync, int thread, int acquirer)
{
    if (sync->from[thread] == 0 || thread == acquirer)
        return false;
    const struct event *release = &events[sync->from[thread] - 1];
    if (happened_before(release, &know[acquirer].clock))
        return false;
    for (int t = 0; t < thread_count; t++)
        if (t != thread && sync->from[t] != 0 && happened_before(release, &events[sync->from[t] - 1].clock))
            return false;
    return true;
}

/* The thread takes over what was released into the object. */
void sync_acquire(int thread, uintptr_t object)
{
    const struct sync *sync = sync_at(object, false);
    if (!sync)
        return;
    for (int t = 0; t < thread_count; t++)
        if (tells(sync, t, thread) && edge_count < MAX_EVENTS)
            edges[edge_count++] = (struct edge){sync->from[t] - 1, know[thread].event};
    join(&know[thread].clock, &sync->clock);
    copy(&events[know[thread].event].clock, &know[thread].clock);
}

/* The thread leaves what it knows with the object, for those who acquire it later. */
void sync_release(int thread, uintptr_t object)
{
    struct sync *sync = sync_at(object, true);
    join(&sync->clock, &know[thread].clock);
    sync->from[thread] = 1 + know[thread].event;
}

/* The same, but what others left is gone: a store to an atomic, the unlock of a mutex. */
void sync_release_store(int thread, uintptr_t object)
{
    struct sync *sync = sync_at(object, true);
    memset(sync->from, 0, sizeof sync->from[0] * (size_t)thread_count);
    copy(&sync->clock, &know[thread].clock);
    sync->from[thread] = 1 + know[thread].event;
}

/* -------------------------------------- memory -------------------------------------- */

/* The last access of one thread, of one kind, to the same bytes of a cell. */
struct access_record {
    struct access_record *next;
    int event, thread, how;
    unsigned bytes;          /* bit i: byte i of the cell */
    struct earlier *earlier; /* events that this record replaced */
};

struct earlier {
    struct earlier *next;
    int event;
};

/* Eight bytes of memory and who touched them. */
struct cell {
    uintptr_t index; /* address / 8 */
    struct cell *next;
    struct access_record *records;
};

enum { BUCKETS = 1 << 14 };
static struct cell *cells[BUCKETS];

static struct cell *cell_at(uintptr_t index)
{
    struct cell **bucket = &cells[index % BUCKETS];
    for (struct cell *cell = *bucket; cell; cell = cell->next)
        if (cell->index == index)
            return cell;
    struct cell *cell = new_zeroed(sizeof *cell);
    cell->index = index;
    cell->next = *bucket;
    return *bucket = cell;
}

static void report(int first, int second, bool misuse)
{
    for (int i = 0; i < race_count; i++)
        if (races[i].first == first && races[i].second == second)
            return;
    if (race_count < MAX_RACES)
        races[race_count++] = (struct race){first, second, misuse};
}

/* Pictures show only accesses to what two threads share. */
static void mark_shared(struct access_record *record)
{
    events[record->event].shared = true;
    for (struct earlier *earlier = record->earlier; earlier; earlier = earlier->next)
        events[earlier->event].shared = true;
    record->earlier = NULL;
}

static void access_cell(struct cell *cell, unsigned bytes, int event, int how)
{
    const int thread = events[event].thread;
    struct access_record *own = NULL;
    bool conflict = false;
    for (struct access_record *other = cell->records; other; other = other->next) {
        if (other->thread == thread) {
            if (other->bytes == bytes && other->how == how)
                own = other;
            continue;
        }
        if (!(other->bytes & bytes) || !((other->how | how) & WRITE))
            continue; /* other bytes, or two reads */
        conflict = true;
        if (other->how & how & ATOMIC)
            continue; /* atomic accesses never race with each other */
        if (!happened_before(&events[other->event], &know[thread].clock))
            report(other->event, event, (other->how | how) & TAGGED);
    }
    if (!own) {
        own = new_zeroed(sizeof *own);
        *own = (struct access_record){
            .next = cell->records, .event = event, .thread = thread, .how = how, .bytes = bytes};
        cell->records = own;
    } else if (own->event != event) {
        struct earlier *earlier = new_zeroed(sizeof *earlier);
        *earlier = (struct earlier){own->earlier, own->event};
        own->earlier = earlier;
        own->event = event;
    }
    if (conflict)
        for (struct access_record *record = cell->records; record; record = record->next)
            if (record->bytes & bytes)
                mark_shared(record);
}

/* An access that is part of the thread's current event: the library's own, or that of an atomic. */
void memory_access_here(int thread, uintptr_t address, size_t size, int how)
{
    uintptr_t first = address;
    const uintptr_t end = first + size;
    while (first < end) {
        uintptr_t next = (first | 7) + 1 < end ? (first | 7) + 1 : end;
        unsigned bytes = ((1u << (next - first)) - 1) << (first & 7);
        access_cell(cell_at(first / 8), bytes, know[thread].event, how);
        first = next;
    }
}

/* An access of the program's. Between two acts of synchronization all executions of the same
 * instruction know the same and are known by the same: one event stands for a whole loop. */
int memory_access(int thread, uintptr_t address, size_t size, int how, uintptr_t place)
{
    int event = event_count - 1;
    while (event >= 0 && events[event].thread == thread && events[event].access &&
           events[event].place != place)
        event--;
    if (event < 0 || events[event].thread != thread || !events[event].access) {
        event = event_begin(thread);
        events[event].access = true;
        events[event].place = place;
    }
    know[thread].event = event;
    memory_access_here(thread, address, size, how);
    return event;
}
