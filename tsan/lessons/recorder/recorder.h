/* What the three parts of the recorder tell each other.
 *
 *   detect.c    who knows what (vector clocks), which accesses race, what happened (the event log)
 *   hooks.c     the entry points that compiler and library call, and wrapped functions of libc
 *   schedule.c  which thread runs: one at a time; the explorer of all orders
 *   trace.c     the event log as JSON
 *
 * One thread runs at a time and hands the baton over itself, so nothing here needs a lock. */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_THREADS = 1024, MAX_EVENTS = 1 << 15, MAX_RACES = 64, MAX_CHOICES = 4096 };

/* ---- detect.c ---- */

/* How many events of each thread somebody knows of. */
struct clock {
    uint32_t of[MAX_THREADS];
};

struct event {
    const char *kind;
    uintptr_t pc;    /* of the call or access, for its line */
    uint32_t number; /* its place in its thread, from 1: the thread's own component of the clock */
    int thread;
    int argument;       /* of a create or join: the thread; of a step: its number */
    bool access;        /* an access of the program's to memory, otherwise an act of synchronization */
    bool shared;        /* such an access, and another thread has one in conflict with it */
    bool blocked;       /* the thread had to wait here */
    struct clock clock; /* what the thread knew at the end of the event, the event itself included */
};

enum access { READ = 0, WRITE = 1, ATOMIC = 2, TAGGED = 4, UNSHARED = 8 };

struct race {
    int first, second; /* events */
    bool misuse;       /* one side is the tagged read: an Add and a Wait, not two accesses of data */
};

struct edge {
    int from, to;
};

extern struct event events[MAX_EVENTS];
extern int event_count;
extern struct race races[MAX_RACES];
extern int race_count;
extern struct edge edges[MAX_EVENTS];
extern int edge_count;

int event_begin(const char *kind, void *pc, int argument);
int event_current(void);
bool event_is_known(int event); /* did it happen before now? */
void thread_begin(int thread, int creator);
void sync_acquire(const void *object);
void sync_release(const void *object);       /* merges: what was released before stays */
void sync_release_store(const void *object); /* replaces */
void memory_access(void *address, size_t size, int how, const char *kind, void *pc);
void memory_access_here(const void *address, size_t size, int how);
void memory_forget(void *address, size_t size);

/* ---- hooks.c ---- */
void *new_zeroed(size_t size); /* memory of the recorder's own */

/* ---- schedule.c ---- */

enum { LONGEST_LOOP = 4 }; /* looks in one round of a loop that waits */

/* The last acts of a thread that may have changed nothing, the latest first, and how many acts of
 * others there had been by then. */
struct look {
    struct {
        uintptr_t place;
        unsigned changes;
    } last[2 * LONGEST_LOOP];
    int thread, futile;
    unsigned changes; /* by now */
};

enum { SLEEP = 1 }; /* the place of all sleeps */

struct thread {
    int id;
    const void *function;        /* what it runs, for its name */
    bool (*ready)(const void *); /* may it go on? NULL: yes */
    const void *argument;
    const void *object; /* what its next act is on */
    bool timed;         /* it may also go on by a timeout */
    bool detached, finished;
    bool in_library;
    unsigned changes;  /* acts of its own */
    unsigned accesses; /* since its last act */
    struct look look, sleep;
};

extern struct thread threads[MAX_THREADS];
extern int thread_count;
extern int running; /* the thread with the baton */

void schedule_prepare(int thread); /* before the thread is created */
void schedule_start(int thread);   /* in a new thread: wait for the baton */
/* A choice point before an act on an object (NULL: on everything); false: timed out. */
bool schedule(const void *object, bool (*ready)(const void *), const void *argument);
bool schedule_timed(const void *object, bool (*ready)(const void *), const void *argument);
void schedule_look(struct look *look, const void *object, uintptr_t place);
void touch(const void *address, size_t size, bool written); /* what another thread could notice, or change */
bool schedule_coin(void);                                   /* a choice between no and yes */
void changed(void);
void schedule_finish(void); /* the running thread ends */
_Noreturn void run_end(int status);
_Noreturn void run_panic(const char *text); /* NULL: an abort of the program's own */
_Noreturn void run_stop(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
const char *schedule_taken(void);

/* ---- trace.c ---- */
uint64_t trace_signature(void);
void trace_write(const char *path, const char *verdict);

#endif
