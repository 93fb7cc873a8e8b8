/* The hardware's and the kernel's own cost: two lock xadd, one load, one hand-off by a futex. */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
    uint64_t word;
    uint32_t tasks;
} group;

static inline void bare_done(group *g)
{
    if (__atomic_sub_fetch(&g->tasks, 1, __ATOMIC_ACQ_REL) == 0)
        syscall(SYS_futex, &g->tasks, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0);
}

static inline void bare_wait(group *g)
{
    uint32_t tasks;
    while ((tasks = __atomic_load_n(&g->tasks, __ATOMIC_ACQUIRE)) != 0)
        syscall(SYS_futex, &g->tasks, FUTEX_WAIT_PRIVATE, tasks, 0, 0, 0);
}

#define group_begin(g, n) __atomic_store_n(&(g)->tasks, (uint32_t)(n), __ATOMIC_RELAXED)
#define group_add(g)      __atomic_fetch_add(&(g)->tasks, 1, __ATOMIC_RELAXED)
#define group_done(g)     bare_done(g)
#define group_wait(g)     bare_wait(g)
#define group_end(g)      (void)(g)

/* The results are used, or the compiler would take cheaper instructions than lock xadd and no load. */
#define MICRO_SINK    sink
#define micro_add(g)  (sink |= __atomic_fetch_add(&(g)->word, (uint64_t)1 << 32, __ATOMIC_RELAXED))
#define micro_done(g) (sink |= __atomic_fetch_sub(&(g)->word, (uint64_t)1 << 32, __ATOMIC_ACQ_REL))
#define micro_wait(g) (sink |= __atomic_load_n(&(g)->word, __ATOMIC_ACQUIRE))

#include "workloads.h"
