/* Signals. TSan runs a handler at the thread's next call into its runtime; what the scheduler adds is
 * that whoever sleeps is woken for it. */
#define _GNU_SOURCE
#include "clock.h"
#include "entry.h"
#include "tsan.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

enum { PATIENCE = 20 }; /* ms until a signal to the process has reached whom it is for */

static int sent; /* by the program to itself */
static bool restarts;

bool signal_restarts(void)
{
    return restarts;
}

static bool has_handler(int number)
{
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {SIG_DFL, 0, NULL, 0};
    REAL(SYS_rt_sigaction, number, NULL, &action, 8);
    restarts = action.flags & SA_RESTART;
    return action.handler != SIG_DFL && action.handler != SIG_IGN;
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
    sent++;
    for (int i = 0; i < PATIENCE && !somebody_was_interrupted(); i++)
        turn_doze(1000000);
    return NULL;
}

static function *count_signal(const struct call *call)
{
    (void)call;
    sent++;
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
    char text[4096];
    const long size = real_read_own("status", thread->number, text, sizeof text);
    uint64_t blocked = 0;
    for (long i = 0; i + 8 < size; i++)
        if (real_equal(text + i, "\nSigBlk:\t", 9)) {
            for (i += 9; i < size && text[i] > ' '; i++)
                blocked = blocked << 4 | (uint64_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
            break;
        }
    return blocked >> (number - 1) & 1;
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
    return thread->signals_seen != sent;
}

/* The signal that came, or an error as the kernel returns it. */
static long wait_for_signal(const struct call *call, const sigset_t *set, siginfo_t *info, uint64_t deadline)
{
    struct act act = {.kind = KIND_SIGWAIT, .pc = call->pc};
    self->signals_seen = sent - 1; /* one may wait already */
    for (;;) {
        const enum outcome outcome = turn_wait_interruptibly(act, something_was_sent, deadline);
        struct timespec none = {0, 0};
        self->signals_seen = sent;
        const long number = REAL(SYS_rt_sigtimedwait, set, info, &none, 8);
        if (number > 0)
            return number;
        if (outcome == TIMED_OUT)
            return -EAGAIN;
        if (outcome == INTERRUPTED) {
            pthread_testcancel();
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
    pthread_testcancel();
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
