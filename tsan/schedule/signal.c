/* Signals. TSan puts a handler off until the thread's next call of its runtime returns; what the scheduler
 * adds is that whoever waits is woken for it. */
#define _GNU_SOURCE
#include "clock.h"
#include "entry.h"
#include "pending.h"
#include "thread.h"
#include "tsan.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

enum { PATIENCE = 20 }; /* ms until a signal to the process has reached whom it is for */

static bool restarts;

bool signal_restarts(void)
{
    return restarts;
}

/* ---------------------------------------------------------------------------------------- delivery */

typedef void handler(int number, siginfo_t *info, void *context);

/* As the kernel takes it. */
struct action {
    handler *handler;
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

static handler *behind[65]; /* TSan's, by number */
/* The kernel calls this in place of TSan's handler: only so it is known, without a gap, that there is one to
 * run, in this thread. */
static void on_delivery(int number, siginfo_t *info, void *context)
{
    if (self)
        __atomic_store_n(&self->interrupted, true, __ATOMIC_RELAXED);
    else
        turn_interrupted_early = true;
    behind[number](number, info, context);
}

static bool is_handler(handler *at)
{
    return (uintptr_t)at != (uintptr_t)SIG_DFL && (uintptr_t)at != (uintptr_t)SIG_IGN;
}

static int set_last;

static bool is_fault(int number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE ||
           number == SIGTRAP || number == SIGABRT || number == SIGSYS;
}

static function *after_setting(const struct call *call)
{
    (void)call;
    struct action action;
    real_clear(&action, sizeof action);
    REAL(SYS_rt_sigaction, set_last, NULL, &action, 8);
    if (!is_handler(action.handler) || action.handler == on_delivery)
        return NULL;
    behind[set_last] = action.handler;
    action.handler = on_delivery;
    action.flags |= SA_SIGINFO;
    REAL(SYS_rt_sigaction, set_last, &action, NULL, 8);
    return NULL;
}

static function *on_setting(const struct call *call)
{
    const uint64_t number = call->args[0];
    if (!call->args[1] || number == 0 || number > 64 || is_fault((int)number))
        return NULL;
    set_last = (int)number;
    entry_come_back(after_setting);
    return NULL;
}

THUNK(sigaction, on_setting, SIGNAL)
THUNK(signal, on_setting, SIGNAL)

/* Perhaps again and again. */
static function *on_pending(const struct call *call)
{
    look((struct act){.kind = KIND_SIGNAL, .object = (uintptr_t)self, .pc = call->pc}, 0);
    return NULL;
}

THUNK(sigpending, on_pending, SIGNAL)

/* --------------------------------------------------------------------------------------------- sending */

static bool has_handler(int number)
{
    struct action action;
    real_clear(&action, sizeof action);
    REAL(SYS_rt_sigaction, number, NULL, &action, 8);
    restarts = action.flags & SA_RESTART;
    return is_handler(action.handler);
}

static bool somebody_was_interrupted(void)
{
    bool sleeps = false;
    for (int i = 0; i < alive_count; i++) {
        const struct thread *thread = &threads[alive[i]];
        if (thread != self && thread->interruptible)
            sleeps = true;
        if (__atomic_load_n(&thread->interrupted, __ATOMIC_RELAXED))
            return true;
    }
    return !sleeps;
}

/* Threads that sleep here notice a signal to the process by themselves, a moment later. */
static function *after_signal(const struct call *call)
{
    (void)call;
    pending.sent++;
    for (int i = 0; i < PATIENCE && !somebody_was_interrupted(); i++)
        turn_doze(1000000);
    pending.overdue = !somebody_was_interrupted();
    return NULL;
}

static function *count_signal(const struct call *call)
{
    (void)call;
    pending.sent++;
    return NULL;
}

static function *send(const struct call *call, int number)
{
    orders_touch_all(); /* whoever it reaches may stand anywhere */
    turn_act((struct act){.kind = KIND_SIGNAL, .pc = call->pc, .argument = (uint64_t)number});
    orders_touch_all();
    if (number > 0)
        entry_come_back(has_handler(number) ? after_signal : count_signal);
    return NULL;
}

static function *on_kill(const struct call *call)
{
    return send(call, (int)call->args[1]);
}

static bool is_blocked(const struct thread *thread, int number)
{
    return pending_signals_of(thread, "\nSigBlk:\t") >> (number - 1) & 1;
}

/* To one thread: when it goes on, its handler has run, as the kernel sees to that. */
static function *on_pthread_kill(const struct call *call)
{
    const int number = (int)call->args[1];
    function *const result = send(call, number);
    struct thread *target = NULL;
    for (int i = 0; i < alive_count && number > 0; i++)
        if (pthread_equal(threads[alive[i]].handle, (pthread_t)call->args[0]))
            target = &threads[alive[i]];
    if (!target)
        return result;
    entry_come_back(count_signal);
    if (target != self && target->interruptible && has_handler(number) && !is_blocked(target, number))
        __atomic_store_n(&target->interrupted, true, __ATOMIC_RELAXED);
    return result;
}

static function *on_raise(const struct call *call)
{
    turn_act((struct act){.kind = KIND_SIGNAL, .pc = call->pc, .argument = call->args[0]});
    return NULL;
}

THUNK(kill, on_kill, SIGNAL)
THUNK(pthread_kill, on_pthread_kill, SIGNAL)
THUNK(sigqueue, on_kill, SIGNAL)
THUNK(pthread_sigqueue, on_pthread_kill, SIGNAL)
THUNK(raise, on_raise, SIGNAL)

/* ---------------------------------------------------------------------------------- waits for signals */

static bool something_was_sent(const struct thread *thread)
{
    return thread->signals_seen != pending.sent;
}

/* The signal that came, or an error as the kernel returns it. */
static long wait_for_signal(const struct call *call, const sigset_t *set, siginfo_t *info, uint64_t deadline)
{
    struct act act = {.kind = KIND_SIGWAIT, .pc = call->pc};
    self->signals_seen = pending.sent - 1; /* one may wait already */
    for (;;) {
        const enum outcome outcome = turn_wait_interruptibly(act, something_was_sent, deadline);
        struct timespec none = {0, 0};
        self->signals_seen = pending.sent;
        const long number = REAL(SYS_rt_sigtimedwait, set, info, &none, 8);
        if (number > 0) {
            pending.known = 0;
            return number;
        }
        if (outcome == TIMED_OUT)
            return -EAGAIN;
        if (outcome == INTERRUPTED) {
            thread_test_cancel();
            tsan_run_signal_handlers();
            return -EINTR;
        }
    }
}

static function *on_sigwait(const struct call *call)
{
    long number;
    while ((number = wait_for_signal(call, (const sigset_t *)call->args[0], NULL, NEVER)) == -EINTR)
        ;
    if (number < 0)
        return entry_return(-number);
    *(int *)call->args[1] = (int)number;
    return entry_return(0);
}

static function *wait_for_info(const struct call *call, uint64_t deadline)
{
    const long number =
        wait_for_signal(call, (const sigset_t *)call->args[0], (siginfo_t *)call->args[1], deadline);
    return number < 0 ? entry_fail((int)-number) : entry_return(number);
}

static function *on_sigwaitinfo(const struct call *call)
{
    return wait_for_info(call, NEVER);
}

static function *on_sigtimedwait(const struct call *call)
{
    const struct timespec *time = (const struct timespec *)call->args[2];
    return wait_for_info(call, time ? clock_after(time) : NEVER);
}

static bool never(const struct thread *thread)
{
    (void)thread;
    return false;
}

static function *on_pause(const struct call *call)
{
    turn_wait_interruptibly((struct act){.kind = KIND_SIGWAIT, .pc = call->pc}, never, NEVER);
    thread_test_cancel();
    tsan_run_signal_handlers();
    return entry_fail(EINTR);
}

static function *on_sigsuspend(const struct call *call)
{
    uint64_t before;
    REAL(SYS_rt_sigprocmask, SIG_SETMASK, call->args[0], &before, 8);
    function *const result = on_pause(call);
    REAL(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, 8);
    return result;
}

THUNK(sigwait, on_sigwait, SIGWAIT)
THUNK(sigwaitinfo, on_sigwaitinfo, SIGWAIT)
THUNK(sigtimedwait, on_sigtimedwait, SIGWAIT)
THUNK(pause, on_pause, SIGWAIT)
THUNK(sigsuspend, on_sigsuspend, SIGWAIT)
