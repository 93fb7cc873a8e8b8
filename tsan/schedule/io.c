/* Descriptors: whether a call would block, the kernel says. All input and output counts as on one object:
 * the two ends of a pipe have nothing in common to see. */
#define _GNU_SOURCE
#include "clock.h"
#include "delay.h"
#include "entry.h"
#include "io.h"
#include "shared/perturb_strategy.h"
#include "thread.h"
#include "timer_descriptor.h"
#include "tsan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

enum { PIECE = 4096 };

static const struct timespec at_once;

static bool is_ready(int descriptor, int events)
{
    struct pollfd poll = {descriptor, (short)events, 0};
    struct timespec time = at_once;
    return REAL(SYS_ppoll, &poll, 1, &time, 0, 8) != 0;
}

static bool blocks(int descriptor)
{
    return !(REAL(SYS_fcntl, descriptor, F_GETFL) & O_NONBLOCK);
}

/* A wait asks again at each choice, the kernel only when there may be news: it is slow to answer. */
static bool remembered(const struct thread *waits, condition *ask)
{
    struct thread *thread = &threads[waits->id];
    if (thread->asked != turn_news) {
        thread->asked = turn_news;
        thread->answer = ask(thread);
    }
    return thread->answer;
}

static condition readable, writable;

static short events_of(const struct thread *thread)
{
    return thread->ready == readable ? POLLIN : thread->ready == writable ? POLLOUT : 0;
}

/* One question for all who wait for one descriptor each: most of what it costs, it costs once. */
static void ask_for_all(const struct thread *thread)
{
    enum { AT_ONCE = 16 };
    struct pollfd polls[AT_ONCE]; /* not static: at the end of a hung run all threads come here */
    struct thread *asking[AT_ONCE];
    int count = 0;
    if (thread->asked == turn_news || events_of(thread) == 0)
        return;
    for (int i = 0; i < alive_count && count < AT_ONCE; i++) {
        struct thread *other = &threads[alive[i]];
        if (other->asked == turn_news || events_of(other) == 0)
            continue;
        polls[count] = (struct pollfd){(int)other->call_args[0], events_of(other), 0};
        asking[count++] = other;
    }
    struct timespec time = at_once;
    REAL(SYS_ppoll, polls, count, &time, 0, 8);
    for (int i = 0; i < count; i++) {
        asking[i]->asked = turn_news;
        asking[i]->answer = polls[i].revents != 0;
    }
}

static bool has_input(const struct thread *thread)
{
    return is_ready((int)thread->call_args[0], POLLIN);
}

static bool has_room(const struct thread *thread)
{
    return is_ready((int)thread->call_args[0], POLLOUT);
}

static bool readable(const struct thread *thread)
{
    ask_for_all(thread);
    return remembered(thread, has_input);
}

static bool writable(const struct thread *thread)
{
    ask_for_all(thread);
    return remembered(thread, has_room);
}

static struct act device_act(const struct call *call)
{
    self->call_args = call->args;
    self->asked = UINT64_MAX;
    struct act act = act_of(call);
    act.object = DEVICES;
    act.argument = call->args[0];
    return act;
}

static function *interrupted(void)
{
    thread_test_cancel();
    tsan_run_signal_handlers();
    return entry_fail(EINTR);
}

/* Up to where the call will not block. */
static function *transfer(const struct call *call, condition *ready, bool may_block)
{
    const struct act act = device_act(call);
    if (may_block && blocks((int)call->args[0]))
        return turn_wait_interruptibly(act, ready, NEVER) == IN_TIME ? NULL : interrupted();
    look(act, ready(self)); /* perhaps again and again */
    if (ready(self))
        turn_changed();
    return NULL;
}

static function *on_read(const struct call *call)
{
    return transfer(call, readable, true);
}

static function *on_receive(const struct call *call)
{
    return transfer(call, readable, !(call->args[3] & MSG_DONTWAIT));
}

static function *on_receive_message(const struct call *call)
{
    return transfer(call, readable, !(call->args[2] & MSG_DONTWAIT));
}

static function *on_send(const struct call *call)
{
    return transfer(call, writable, !(call->args[3] & MSG_DONTWAIT));
}

static function *on_send_message(const struct call *call)
{
    return transfer(call, writable, !(call->args[2] & MSG_DONTWAIT));
}

static bool is_pipe_or_socket(int descriptor)
{
    struct stat status;
    if (REAL(SYS_fstat, descriptor, &status) != 0)
        return false;
    return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
}

extern struct entry entry_write;

/* A pipe that is ready for some is not ready for all: in pieces, each as its own act. */
static function *write_in_pieces(const struct call *call)
{
    const char *at = (const char *)call->args[1];
    size_t left = call->args[2];
    while (left > 0) {
        if (turn_wait_interruptibly(device_act(call), writable, NEVER) != IN_TIME && left == call->args[2])
            return interrupted();
        tsan_push(call->pc);
        const long written = ((long (*)(int, const void *, size_t))NEXT(write))((int)call->args[0], at,
                                                                                left < PIECE ? left : PIECE);
        tsan_pop();
        if (written <= 0)
            return left == call->args[2] ? entry_return(-1) : entry_return((long)(call->args[2] - left));
        at += written;
        left -= (size_t)written;
    }
    return entry_return((long)call->args[2]);
}

static function *on_write(const struct call *call)
{
    const int descriptor = (int)call->args[0];
    if (call->args[2] > PIECE && blocks(descriptor) && is_pipe_or_socket(descriptor))
        return write_in_pieces(call);
    return transfer(call, writable, true);
}

static function *on_write_all(const struct call *call)
{
    return transfer(call, writable, true);
}

static function *on_change(const struct call *call)
{
    turn_act(device_act(call));
    return NULL;
}

static function *on_close(const struct call *call)
{
    timer_descriptor_closed((int)call->args[0]);
    return on_change(call);
}

#define INPUT(name, hook)  THUNK_WITH_DELAYS(name, hook, INPUT, 0, -1, -1)
#define OUTPUT(name, hook) THUNK_WITH_DELAYS(name, hook, OUTPUT, 0, -1, -1)

THUNK_WITH_DELAYS(read, on_read, INPUT, 0, -1, PERTURB_AFTER_DEVICE)
THUNK_WITH_DELAYS(write, on_write, OUTPUT, 0, -1, PERTURB_AFTER_DEVICE)
INPUT(readv, on_read)
INPUT(recv, on_receive)
INPUT(recvfrom, on_receive)
INPUT(recvmsg, on_receive_message)
INPUT(accept, on_read)
INPUT(accept4, on_read)
OUTPUT(writev, on_write_all)
OUTPUT(send, on_send)
OUTPUT(sendto, on_send)
OUTPUT(sendmsg, on_send_message)
OUTPUT(connect, on_change)
OUTPUT(close, on_close)
OUTPUT(shutdown, on_change)

/* -------------------------------------------------------------------------- waits for several at once */

/* The call itself, once it will not block; after the deadline, with no time to wait. The saved arguments
 * are those that it gets. */
static function *wait_for_any(const struct call *call, condition *ready, uint64_t deadline, int time_at,
                              uintptr_t none)
{
    struct act act = device_act(call);
    enum outcome outcome = IN_TIME;
    if (deadline != 0 && deadline <= clock_now())
        look(act, ready(self));
    else
        outcome = turn_wait_interruptibly(act, ready, deadline);
    if (outcome == INTERRUPTED)
        return interrupted();
    if (outcome == TIMED_OUT)
        ((uintptr_t *)(uintptr_t)call->args)[time_at] = none;
    return NULL;
}

static uint64_t deadline_in_ms(int timeout)
{
    return timeout < 0 ? NEVER : clock_now() + (uint64_t)timeout * 1000000u;
}

static bool poll_finds(const struct thread *thread)
{
    struct timespec time = at_once;
    return REAL(SYS_ppoll, thread->call_args[0], thread->call_args[1], &time, 0, 8) != 0;
}

static bool poll_ready(const struct thread *thread)
{
    return remembered(thread, poll_finds);
}

static function *on_poll(const struct call *call)
{
    return wait_for_any(call, poll_ready, deadline_in_ms((int)call->args[2]), 2, 0);
}

static function *on_ppoll(const struct call *call)
{
    const struct timespec *time = (const struct timespec *)call->args[2];
    return wait_for_any(call, poll_ready, time ? clock_after(time) : NEVER, 2, (uintptr_t)&at_once);
}

static function *on_epoll(const struct call *call)
{
    return wait_for_any(call, readable, deadline_in_ms((int)call->args[3]), 3, 0);
}

static bool select_finds(const struct thread *thread)
{
    fd_set sets[3];
    uintptr_t given[3];
    for (int i = 0; i < 3; i++) {
        given[i] = thread->call_args[i + 1];
        if (given[i])
            real_copy(&sets[i], (const void *)given[i], sizeof sets[i]);
    }
    struct timespec time = at_once;
    return REAL(SYS_pselect6, thread->call_args[0], given[0] ? &sets[0] : NULL, given[1] ? &sets[1] : NULL,
                given[2] ? &sets[2] : NULL, &time, 0) != 0;
}

static bool select_ready(const struct thread *thread)
{
    return remembered(thread, select_finds);
}

static function *on_select(const struct call *call)
{
    static _Thread_local struct timeval none __attribute__((__tls_model__("initial-exec")));
    const struct timeval *time = (const struct timeval *)call->args[4];
    none = (struct timeval){0, 0};
    const uint64_t deadline =
        time ? clock_now() + (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_usec * 1000u : NEVER;
    return wait_for_any(call, select_ready, deadline, 4, (uintptr_t)&none);
}

static function *on_pselect(const struct call *call)
{
    const struct timespec *time = (const struct timespec *)call->args[4];
    return wait_for_any(call, select_ready, time ? clock_after(time) : NEVER, 4, (uintptr_t)&at_once);
}

THUNK(poll, on_poll, POLL)
THUNK(ppoll, on_ppoll, POLL)
THUNK(epoll_wait, on_epoll, POLL)
THUNK(epoll_pwait, on_epoll, POLL)
THUNK(select, on_select, POLL)
THUNK(pselect, on_pselect, POLL)
