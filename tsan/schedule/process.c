/* The process: its beginning, its end, its children. */
#define _GNU_SOURCE
#include "entry.h"
#include "module.h"
#include "server.h"
#include "tsan.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The end of the program is an act: others may come before it. From here on nobody else runs, and what
 * remains (TSan's last words) is not scheduled. */
static void end(uintptr_t pc)
{
    orders_touch_all();
    turn_act((struct act){.kind = KIND_EXIT, .pc = pc});
    orders_touch_all();
    shared->result.ending = 1;
    turn_let_go();
    self = NULL;
}

/* After the program's own exit handlers, before TSan's. */
__attribute__((__destructor__)) static void finish(void)
{
    if (controlled())
        end(0);
}

/* No handler of exit() will say to the witness where this was (ci/race-test/witness.c). */
void witness_end_at_once(int status);

static void end_at_once(int status, uintptr_t pc)
{
    witness_end_at_once(status);
    if (controlled() && !module_is_silent(pc))
        end(pc);
}

#define END_AT_ONCE(ending)                                          \
    static struct entry entry_##ending = {.name = #ending};          \
    EXPORT void ending(int status)                                   \
    {                                                                \
        end_at_once(status, (uintptr_t)__builtin_return_address(0)); \
        CALL_NEXT(ending)(status);                                   \
        __builtin_unreachable();                                     \
    }
END_AT_ONCE(_exit)
END_AT_ONCE(_Exit)
END_AT_ONCE(quick_exit)

/* Others may come before this end, too; a handler of SIGABRT may follow. */
static function *on_abort(const struct call *call)
{
    orders_touch_all();
    turn_act((struct act){.kind = KIND_EXIT, .pc = call->pc});
    orders_touch_all();
    return NULL;
}

THUNK(abort, on_abort, EXIT)
THUNK(__assert_fail, on_abort, EXIT)

/* ------------------------------------------------------------------------------- other processes */

static function *after_outside(const struct call *call)
{
    (void)call;
    turn_return();
    return NULL;
}

static function *leave(const struct call *call, const char *why)
{
    turn_act((struct act){.kind = KIND_OUTSIDE, .pc = call->pc});
    turn_leave(why);
    entry_come_back(after_outside);
    return NULL;
}

static function *on_outside(const struct call *call)
{
    return leave(call, "a thread waits for another process");
}

static function *on_network(const struct call *call)
{
    return leave(call, "a thread asks the network");
}

/* It may do so in a loop, for which the child needs real time. */
static function *look_for_child(const struct call *call)
{
    static uint32_t nobody_wakes;
    siginfo_t info = {.si_pid = 0};
    look((struct act){.kind = KIND_OUTSIDE, .pc = call->pc}, 0);
    if (REAL(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, 0) == 0 && info.si_pid == 0) {
        turn_leave("a thread waits for another process");
        real_sleep(&nobody_wakes, 0, 1000000);
        turn_return();
        turn_changed();
    }
    return NULL;
}

static function *on_waitpid(const struct call *call)
{
    return call->args[2] & WNOHANG ? look_for_child(call) : on_outside(call);
}

static function *on_waitid(const struct call *call)
{
    return call->args[3] & WNOHANG ? look_for_child(call) : on_outside(call);
}

THUNK(wait, on_outside, OUTSIDE)
THUNK(wait3, on_outside, OUTSIDE)
THUNK(wait4, on_waitpid, OUTSIDE)
THUNK(waitpid, on_waitpid, OUTSIDE)
THUNK(waitid, on_waitid, OUTSIDE)
THUNK(system, on_outside, OUTSIDE)
THUNK(pclose, on_outside, OUTSIDE)
THUNK(flock, on_outside, OUTSIDE)
THUNK(lockf, on_outside, OUTSIDE)
THUNK(msgrcv, on_outside, OUTSIDE)
THUNK(msgsnd, on_outside, OUTSIDE)
THUNK(semop, on_outside, OUTSIDE)
THUNK(semtimedop, on_outside, OUTSIDE)
THUNK(getaddrinfo, on_network, OUTSIDE)

static struct entry entry_fork = {.name = "fork"};

/* The child has one thread and runs without control; what it does is no part of this run. Handlers run in
 * the order of their registration, this one before the program's. */
static void forget_run(void)
{
    self = NULL;
    shared = NULL;
}

/* Before the program's constructors: they run in each run anew, under control. */
__attribute__((__constructor__)) static void start(void)
{
    const char *environment = getenv("RACE_TEST_SCHEDULE");
    if (!environment)
        return;
    server_start(environment);
    pthread_atfork(NULL, NULL, forget_run);
    server_run();
}

EXPORT pid_t fork(void)
{
    const uintptr_t pc = (uintptr_t)__builtin_return_address(0);
    if (!controlled())
        return CALL_NEXT(fork)();
    turn_act((struct act){.kind = KIND_FORK, .pc = pc});
    turn_inexact("the program starts another process");
    tsan_push(pc);
    const pid_t child = CALL_NEXT(fork)();
    tsan_pop();
    return child;
}
