/* What the unit tests share: catching a panic, and waiting until threads are where a test wants them.
 *
 * Criterion runs every test in a process of its own. Its assertions leave the test by longjmp(), so
 * only the test's main thread may make them. */
#ifndef UNIT_H
#define UNIT_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>

#include "waitgroup.h"

#define NEGATIVE "sync: negative WaitGroup counter"
#define MISUSE   "sync: WaitGroup misuse: Add called concurrently with Wait"
#define REUSED   "sync: WaitGroup is reused before previous Wait has returned"
#define NO_GROUP "waitgroup: NULL WaitGroup"

static jmp_buf recovered;
static const char *panic_message;
static waitgroup_t *panic_group;

static inline void recover(waitgroup_t *wg, const char *message)
{
    panic_group = wg;
    panic_message = message;
    longjmp(recovered, 1);
}

/* The statement panics with the text, about the group. */
#define EXPECT_PANIC(text, group, statement)                                 \
    do {                                                                     \
        waitgroup_set_panic_handler(recover);                                \
        if (setjmp(recovered) == 0) {                                        \
            statement;                                                       \
            cr_assert_fail("no panic (expected: %s): %s", text, #statement); \
        }                                                                    \
        cr_assert_str_eq(panic_message, text);                               \
        cr_assert_eq((void *)panic_group, (void *)(group));                  \
    } while (0)

static inline int32_t counter_of(const waitgroup_t *wg)
{
    return (int32_t)(__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE) >> 32);
}

static inline uint32_t waiters_of(const waitgroup_t *wg)
{
    return (uint32_t)__atomic_load_n(&wg->state, __ATOMIC_ACQUIRE);
}

/* Returns when n threads are enlisted; a test in which they never are ends by its time limit. */
static inline void await_waiters(const waitgroup_t *wg, uint32_t n)
{
    while (waiters_of(wg) != n)
        sched_yield();
}

static inline void await_value(const int *flag, int value)
{
    while (__atomic_load_n(flag, __ATOMIC_ACQUIRE) != value)
        sched_yield();
}

/* Nothing is left of a finished round: no count, no waiter, no ticket. */
#define EXPECT_IDLE(wg)                \
    do {                               \
        cr_assert_eq((wg)->state, 0u); \
        cr_assert_eq((wg)->sema, 0u);  \
    } while (0)

static inline void *wait_in_thread(void *wg)
{
    waitgroup_wait(wg);
    return NULL;
}

static inline pthread_t start(void *(*routine)(void *), void *argument)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, routine, argument), 0);
    return thread;
}

#endif
