/* What ThreadSanitizer reports, as it does: without symbols, which cost more than the run. */
#define _GNU_SOURCE
#include "entry.h"

#include <dlfcn.h>

enum { MAX_TRACE = MAX_FRAMES };

struct facts {
    const char *kind;
    int count, stack_count, mop_count, loc_count, mutex_count, thread_count, unique_tid_count;
    void *sleep[MAX_TRACE];
};

typedef int get_data(void *report, const char **kind, int *count, int *stacks, int *mops, int *locs,
                     int *mutexes, int *threads, int *tids, void **sleep, unsigned long sleep_size);
typedef int get_mop(void *report, unsigned long index, int *tid, void **address, int *size, int *write,
                    int *atomic, void **trace, unsigned long trace_size);
typedef int get_location(void *report, unsigned long index, const char **place, void **address, void **start,
                         unsigned long *size, int *tid, int *descriptor, int *suppressable, void **trace,
                         unsigned long trace_size);
typedef int get_thread(void *report, unsigned long index, int *tid, unsigned long long *number, int *running,
                       const char **name, int *parent, void **trace, unsigned long trace_size);
typedef int get_mutex(void *report, unsigned long index, unsigned long *number, void **address,
                      int *destroyed, void **trace, unsigned long trace_size);
typedef int get_stack(void *report, unsigned long index, void **trace, unsigned long trace_size);

static void *find(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}

/* TSan numbers threads by itself; the kernel's number is what both know. */
static int thread_of(void *report, int tid, int count)
{
    get_thread *get = (get_thread *)(uintptr_t)find("__tsan_get_report_thread");
    if (tid == 0)
        return 0;
    for (int i = 0; get && i < count; i++) {
        void *trace[1];
        const char *name;
        unsigned long long number = 0;
        int id = -1, running, parent;
        get(report, (unsigned long)i, &id, &number, &running, &name, &parent, trace, 1);
        if (id != tid)
            continue;
        for (int t = 0; t < thread_count; t++)
            if (threads[t].number == (int)number)
                return t;
    }
    return -1;
}

static void copy_trace(struct schedule_stack *stack, void *const *trace)
{
    for (int i = 0; i < MAX_FRAMES; i++)
        stack->pcs[i] = (uint64_t)(uintptr_t)trace[i];
}

static uint32_t add_accesses(void *report, struct schedule_report *into, const struct facts *facts)
{
    get_mop *get = (get_mop *)(uintptr_t)find("__tsan_get_report_mop");
    uint32_t count = 0;
    for (int i = 0; get && i < facts->mop_count && count < MAX_STACKS; i++) {
        struct schedule_stack *stack = &into->stacks[count++];
        void *trace[MAX_TRACE] = {NULL}, *address = NULL;
        int tid = -1, size = 0, write = 0, atomic = 0;
        get(report, (unsigned long)i, &tid, &address, &size, &write, &atomic, trace, MAX_TRACE);
        *stack = (struct schedule_stack){.thread = thread_of(report, tid, facts->thread_count),
                                         .size = (uint32_t)size,
                                         .writes = (uint32_t)write,
                                         .atomic = (uint32_t)atomic,
                                         .address = (uint64_t)(uintptr_t)address};
        copy_trace(stack, trace);
    }
    return count;
}

static uint32_t add_stacks(void *report, struct schedule_report *into, const struct facts *facts,
                           uint32_t count)
{
    get_stack *get = (get_stack *)(uintptr_t)find("__tsan_get_report_stack");
    for (int i = 0; get && i < facts->stack_count && count < MAX_STACKS; i++) {
        void *trace[MAX_TRACE] = {NULL};
        get(report, (unsigned long)i, trace, MAX_TRACE);
        into->stacks[count] = (struct schedule_stack){.thread = -1};
        copy_trace(&into->stacks[count++], trace);
    }
    return count;
}

static void add_location(void *report, struct schedule_report *into, const struct facts *facts)
{
    get_location *get = (get_location *)(uintptr_t)find("__tsan_get_report_loc");
    if (!get || facts->loc_count == 0)
        return;
    void *trace[MAX_TRACE] = {NULL}, *address = NULL, *start = NULL;
    const char *place = NULL;
    unsigned long size = 0;
    int tid = -1, descriptor, suppressable;
    get(report, 0, &place, &address, &start, &size, &tid, &descriptor, &suppressable, trace, MAX_TRACE);
    real_text(into->place, sizeof into->place, place ? place : "");
    into->memory = (struct schedule_stack){.thread = thread_of(report, tid, facts->thread_count),
                                           .size = (uint32_t)size,
                                           .address = (uint64_t)(uintptr_t)(start ? start : address)};
    copy_trace(&into->memory, trace);
}

static void add_mutexes(void *report, struct schedule_report *into, const struct facts *facts)
{
    get_mutex *get = (get_mutex *)(uintptr_t)find("__tsan_get_report_mutex");
    for (int i = 0; i < (int)(sizeof into->mutexes / sizeof *into->mutexes); i++) {
        void *trace[MAX_TRACE], *address = NULL;
        unsigned long number;
        int destroyed;
        if (get && i < facts->mutex_count)
            get(report, (unsigned long)i, &number, &address, &destroyed, trace, MAX_TRACE);
        into->mutexes[i] = (uint64_t)(uintptr_t)address;
    }
}

EXPORT void __tsan_on_report(void *report);
EXPORT void __tsan_on_report(void *report)
{
    get_data *get = (get_data *)(uintptr_t)find("__tsan_get_report_data");
    if (!shared || !get)
        return;
    struct schedule_result *result = &shared->result;
    if (result->report_count++ >= MAX_REPORTS)
        return;
    struct schedule_report *into = &result->reports[result->report_count - 1];
    struct facts facts = {.kind = ""};
    get(report, &facts.kind, &facts.count, &facts.stack_count, &facts.mop_count, &facts.loc_count,
        &facts.mutex_count, &facts.thread_count, &facts.unique_tid_count, facts.sleep, MAX_TRACE);
    real_text(into->kind, sizeof into->kind, facts.kind ? facts.kind : "");
    into->event = result->event_count;
    into->thread = self ? (uint32_t)self->id : UINT32_MAX;
    into->step = self ? self->step : 0;
    into->access = self ? self->access : 0;
    into->count = add_accesses(report, into, &facts);
    into->count = add_stacks(report, into, &facts, into->count);
    into->place[0] = '\0';
    real_clear(&into->memory, sizeof into->memory);
    add_location(report, into, &facts);
    add_mutexes(report, into, &facts);
}
