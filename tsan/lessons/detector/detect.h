/* What detect.c is fed, and what it finds out. */
#ifndef DETECT_H
#define DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_THREADS = 256, MAX_EVENTS = 1 << 17, MAX_RACES = 64 };

/* How many events of each thread somebody knows of. */
struct clock {
    uint32_t of[MAX_THREADS];
};

struct event {
    uint32_t number; /* its place in its thread, from 1: the thread's own component of the clock */
    int thread;
    uintptr_t place;    /* of an access: the instruction */
    bool access;        /* an access of the program's to memory, otherwise an act of synchronization */
    bool shared;        /* such an access, and another thread has one in conflict with it */
    struct clock clock; /* what the thread knew at the end of the event, the event itself included */
};

enum access { READ = 0, WRITE = 1, ATOMIC = 2, TAGGED = 4 };

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
extern int thread_count;

/* Each is told of a thread, in the order of the run. */
int event_begin(int thread);
void thread_begin(int thread, int creator); /* after the event of the creation */
void sync_acquire(int thread, uintptr_t object);
void sync_release(int thread, uintptr_t object);       /* merges: what was released before stays */
void sync_release_store(int thread, uintptr_t object); /* replaces */
int memory_access(int thread, uintptr_t address, size_t size, int how, uintptr_t place);
void memory_access_here(int thread, uintptr_t address, size_t size, int how);

_Noreturn void give_up(const char *why); /* the reader's, which main.c is */

#endif
