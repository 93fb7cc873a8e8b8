/* Sleeps and clocks, in virtual time. */
#define _GNU_SOURCE
#include "clock.h"
#include "delay.h"
#include "entry.h"
#include "shared/perturb_strategy.h"
#include "shared/timespec.h"
#include "thread.h"
#include "tsan.h"

#include <errno.h>
#include <sched.h>
#include <sys/time.h>
#include <time.h>

static bool never(const struct thread *thread)
{
    (void)thread;
    return false;
}

/* True: slept to the end. TSan runs signal handlers that it has deferred only in its own calls. */
static bool sleep_until(const struct call *call, uint64_t deadline)
{
    struct act act = {.kind = KIND_SLEEP, .pc = call->pc};
    act.object = (uintptr_t)self; /* its own concern */
    const enum outcome outcome = turn_wait_interruptibly(act, never, deadline);
    thread_test_cancel();
    tsan_run_signal_handlers();
    return outcome == TIMED_OUT;
}

static function *on_sleep(const struct call *call)
{
    const uint64_t deadline = clock_now() + call->args[0] % (UINT64_C(1) << 32) * NANOSECONDS;
    const bool slept = sleep_until(call, deadline);
    return entry_return(slept ? 0 : (long)((deadline - clock_now()) / NANOSECONDS));
}

static function *on_usleep(const struct call *call)
{
    return sleep_until(call, clock_now() + call->args[0] % (UINT64_C(1) << 32) * 1000u + 1)
               ? entry_return(0)
               : entry_fail(EINTR);
}

static void write_rest(uintptr_t rest, uint64_t deadline)
{
    if (!rest)
        return;
    const uint64_t left = deadline > clock_now() ? deadline - clock_now() : 0;
    *(struct timespec *)rest = timespec_of(left);
}

static function *on_nanosleep(const struct call *call)
{
    const uint64_t deadline = clock_after((const struct timespec *)call->args[0]) + 1;
    if (sleep_until(call, deadline))
        return entry_return(0);
    write_rest(call->args[1], deadline);
    return entry_fail(EINTR);
}

static function *on_clock_nanosleep(const struct call *call)
{
    const struct timespec *time = (const struct timespec *)call->args[2];
    const bool absolute = (call->args[1] & TIMER_ABSTIME) != 0;
    const uint64_t deadline = absolute ? clock_deadline((int)call->args[0], time) : clock_after(time) + 1;
    if (sleep_until(call, deadline))
        return entry_return(0);
    if (!absolute)
        write_rest(call->args[3], deadline);
    return entry_return(EINTR);
}

static function *on_yield(const struct call *call)
{
    struct act act = {.kind = KIND_YIELD, .object = (uintptr_t)self, .pc = call->pc};
    if (self->in_call)
        return entry_return(0);
    look(act, 0);
    tsan_run_signal_handlers();
    return entry_return(0);
}

#define DEVICE(name, hook) THUNK_WITH_DELAYS(name, hook, SLEEP, 0, -1, PERTURB_AFTER_DEVICE)
DEVICE(usleep, on_usleep)
DEVICE(nanosleep, on_nanosleep)
THUNK(sleep, on_sleep, SLEEP)
THUNK(clock_nanosleep, on_clock_nanosleep, SLEEP)
THUNK(sched_yield, on_yield, YIELD)
THUNK(pthread_yield, on_yield, YIELD)

/* A loop that waits for a time makes it pass, the faster the longer it waits. */
static void look_again(const struct call *call)
{
    struct act act = {.kind = KIND_CLOCK, .object = (uintptr_t)self, .pc = call->pc};
    look_in_loop(act, 0);
    clock_tick(UINT64_C(1) << (self->clock_looks < 14 ? self->clock_looks : 14));
    self->clock_looks = self->last_clock == call->pc ? self->clock_looks + 1 : 0;
    self->last_clock = call->pc;
}

static void look_at_clock(const struct call *call)
{
    if (self->in_call)
        clock_tick(1);
    else
        look_again(call);
    orders_touch(CLOCKS, 1, false);
}

static function *on_clock_gettime(const struct call *call)
{
    const int clock = (int)call->args[0];
    if (!clock_is_virtual(clock) || !call->args[1])
        return NULL;
    look_at_clock(call);
    *(struct timespec *)call->args[1] = timespec_of(clock_read(clock));
    return entry_return(0);
}

static function *on_gettimeofday(const struct call *call)
{
    if (!call->args[0])
        return NULL;
    look_at_clock(call);
    const uint64_t now = clock_read(CLOCK_REALTIME);
    *(struct timeval *)call->args[0] =
        (struct timeval){(time_t)(now / NANOSECONDS), (long)(now % NANOSECONDS / 1000)};
    return entry_return(0);
}

static function *on_time(const struct call *call)
{
    look_at_clock(call);
    const time_t now = (time_t)(clock_read(CLOCK_REALTIME) / NANOSECONDS);
    if (call->args[0])
        *(time_t *)call->args[0] = now;
    return entry_return((long)now);
}

THUNK(clock_gettime, on_clock_gettime, CLOCK)
THUNK(gettimeofday, on_gettimeofday, CLOCK)
THUNK(time, on_time, CLOCK)
