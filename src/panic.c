/* The messages are Go's, letter for letter; rule and cure are for those who meet them first here. If
 * the memory is no group, that is said, whichever rule happened to break first. */
#define _POSIX_C_SOURCE 200809L
#include "panic.h"
#include "shared/call.h"
#include "foreign.h"
#include "report.h"
#include "sema.h"
#include "static_tls.h"
#include "shared/timespec.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *message;
    const char *rule;
    const char *cure;
} panics[] = {
    [PANIC_NEGATIVE] =
        {
            "sync: negative WaitGroup counter",
            "the counter counts tasks: no more Done than Add has announced",
            "give every task one Done, on each of its ways out; look for one that counts itself down twice, "
            "or for an Add that was forgotten or came too late",
        },
    [PANIC_OVERFLOW] =
        {
            "sync: negative WaitGroup counter", /* what Go sees of it, too: the sign bit */
            "the counter holds at most INT32_MAX tasks; this Add takes it past that, where it turns negative",
            "look for an Add whose delta is no number of tasks (a variable without a value yet, a size), for "
            "one that is repeated while no task calls Done, or for a group that was never initialized",
        },
    [PANIC_MISUSE] =
        {
            "sync: WaitGroup misuse: Add called concurrently with Wait",
            "an Add that finds the counter at zero happens before any Wait",
            "call Add before the thread that it counts is started, not inside it, and before Wait; where "
            "requests "
            "come at any time, ask \"closed?\" and Add under one lock, in which the closer closes before it "
            "waits",
        },
    [PANIC_REUSED] =
        {
            "sync: WaitGroup is reused before previous Wait has returned",
            "the first Add of a new round happens after every Wait of the round before has returned",
            "let the waiters tell that they are back (join them, or count them by a second group) before the "
            "next Add, or use a group for each round; and if a task calls Add for itself, call it before its "
            "thread is started",
        },
    [PANIC_FOREIGN] =
        {
            "waitgroup: this is no WaitGroup: " FOREIGN_MEMORY,
            "a group is all zero before its first use, and its memory lives until the last Wait has returned",
            "initialize it: WAITGROUP_INIT, = {0}, static, or calloc() in place of malloc(); free it, or "
            "return "
            "from the function whose variable it is, only after the last Wait; if another write went astray, "
            "AddressSanitizer finds it",
        },
    [PANIC_NULL] =
        {
            "waitgroup: NULL WaitGroup",
            "every function needs a group",
            "pass the address of a waitgroup_t that is all zero or WAITGROUP_INIT",
        },
    [PANIC_COPIED] =
        {
            "waitgroup: WaitGroup copied after first use",
            "a group is not copied or moved once it is in use: its Done would count down one of the two, and "
            "its Wait wait for the other",
            "pass a pointer to the group, also to the struct that embeds it",
        },
    [PANIC_SHARED] =
        {
            "waitgroup: WaitGroup in memory that is shared between processes",
            "a group is private to one process: a Done in another one would count, but not wake the Wait",
            "keep the group in memory of this process alone, not MAP_SHARED; between processes use what is "
            "made "
            "for it: a semaphore (sem_init), or a mutex and a condition variable with PTHREAD_PROCESS_SHARED",
        },
    [PANIC_NO_PARKING] =
        {
            "waitgroup: the system refuses to block a Wait",
            "on Linux a blocked Wait sleeps in futex(2), elsewhere in pthread_cond_wait(3)",
            "let the process call it: look at its seccomp filter, its sandbox",
        },
};

static STATIC_TLS void (*over_task)(void *);

WAITGROUP_ENTRY_ void waitgroup_task_is_over_(void (*task)(void *))
{
    over_task = task;
}

static waitgroup_panic_handler panic_handler;

WAITGROUP_ENTRY_ waitgroup_panic_handler waitgroup_set_panic_handler(waitgroup_panic_handler handler)
{
    /* Acquire and release: what prepared the handler is visible to the thread that panics. */
    return __atomic_exchange_n(&panic_handler, handler, __ATOMIC_ACQ_REL);
}

/* Returns in the first thread that panics. Others, whom its mistake may have led here, would only garble
 * its message: they wait for the end of the process. */
WAITGROUP_ENTRY_ static void let_the_first_speak(void)
{
    static uintptr_t first; /* the address of its errno: every thread has its own */
    const uintptr_t self = (uintptr_t)&errno;
    uintptr_t speaker = 0;
    if (__atomic_compare_exchange_n(&first, &speaker, self, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    if (speaker == self) {
        /* The second panic of this thread: in a handler of SIGABRT, or after one has jumped out of abort().
         * This time abort() has to end the process. */
        signal(SIGABRT, SIG_DFL);
        return;
    }
    /* Not for ever: the first may have been kept from abort(), or be a thread of the parent process. */
    static uint32_t no_ticket;
    const struct timespec limit = timespec_after(CLOCK_MONOTONIC, UINT64_C(10) * NANOSECONDS);
    waitgroup_sema_acquire_(&no_ticket, CLOCK_MONOTONIC, &limit);
}

WAITGROUP_ENTRY_ _Noreturn void waitgroup_panic_(waitgroup_t *wg, enum panic what, const char *detail)
{
    char words[128];
    if (what <= PANIC_FOREIGN && (what == PANIC_FOREIGN || waitgroup_is_foreign_(wg))) {
        what = PANIC_FOREIGN;
        snprintf(words, sizeof words, "  %p holds %016llx %08x %08x\n", (void *)wg,
                 (unsigned long long)__atomic_load_n(&wg->state, __ATOMIC_RELAXED),
                 (unsigned)__atomic_load_n(&wg->sema, __ATOMIC_RELAXED),
                 (unsigned)__atomic_load_n(&wg->race, __ATOMIC_RELAXED));
        detail = words;
    }
    waitgroup_panic_handler handler = __atomic_load_n(&panic_handler, __ATOMIC_ACQUIRE);
    if (handler) {
        call_tell("waitgroup_panic", CALL_LEAVES, wg, NULL);
        handler(wg, panics[what].message);
        abort();
    }
    let_the_first_speak();
    waitgroup_report_("panic: %s\n%s  rule: %s\n  cure: %s\n", panics[what].message, detail ? detail : "",
                      panics[what].rule, panics[what].cure);
    waitgroup_report_stack_();
    if (over_task) {
        waitgroup_report_("  this is the Done that waitgroup_go() calls after the task:\n");
        waitgroup_report_function_((void *)(uintptr_t)over_task);
    }
    abort();
}

WAITGROUP_ENTRY_ _Noreturn void waitgroup_panic_no_parking_(waitgroup_t *wg, int error)
{
    char detail[64];
    snprintf(detail, sizeof detail, "  it says: error %d\n", error);
    waitgroup_panic_(wg, PANIC_NO_PARKING, detail);
}
