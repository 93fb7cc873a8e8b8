/* The turn is handed from one thread to the next; each sleeps on a futex of its own until it gets it. Threads
 * that wait for the turn also watch over whoever has it: one that sleeps in a call that is not modelled loses
 * it. */
#define _GNU_SOURCE
#include "turn.h"
#include "watch.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
    IDLE = -1,
    PATIENCE = 50000000, /* ns without a step, after which whoever waits looks what the others do */
};

static int holder; /* who has the turn; IDLE: all who could are outside */
static uint32_t lock_word;

/* Only those who come back from outside meet others here. */
static void take_lock(void)
{
    while (__atomic_exchange_n(&lock_word, 1, __ATOMIC_ACQUIRE) != 0)
        real_sleep(&lock_word, 1, 1000000);
}

static void drop_lock(void)
{
    __atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE);
    real_wake(&lock_word);
}

/* -------------------------------------------------------------------------------- from one to the next */

static void wait_for_turn(void);

static void hand_to(struct thread *next)
{
    next->forced = !turn_can_go_on(next);
    __atomic_store_n(&holder, next->id, __ATOMIC_RELEASE);
    shared->result.running = next->id;
    if (next == self)
        return;
    __atomic_store_n(&next->baton, 1, __ATOMIC_RELEASE);
    real_wake(&next->baton);
}

/* Whoever waits for memory that it shares with a process of its own is woken by that process; and its end
 * sends a signal. */
enum children { NO_CHILDREN, CHILDREN_RUN, CHILD_ENDED };

static enum children children(void)
{
    siginfo_t info;
    if (REAL(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, 0) != 0)
        return NO_CHILDREN;
    return info.si_pid == 0 ? CHILDREN_RUN : CHILD_ENDED;
}

/* What comes from outside at once, or never. */
static bool may_come_soon(enum children there_are)
{
    return turn_somebody_waits_for_input() ||
           (turn_somebody_can_be_interrupted() && there_are == CHILD_ENDED);
}

/* Nobody can go on: deadlock, or somebody outside must come back first. */
static struct thread *wait_for_outside(void)
{
    for (int round = 0;; round++) {
        struct thread *next = turn_next();
        if (next)
            return next;
        const enum children there_are = children();
        const bool outside = turn_somebody_is_outside() || there_are == CHILDREN_RUN;
        const bool signal = pending_signal() || may_come_soon(there_are);
        if (!outside && !pending_timer_expires(NEVER) && !(signal && round < 200)) {
            orders_stuck();
            trace_held();
            deadlock_record();
            turn_end(OUTCOME_DEADLOCK, NULL);
        }
        if (!outside)
            turn_inexact("a thread waits for input or a signal, perhaps from outside the program");
        turn_doze(1000000);
    }
}

static void give_turn(void)
{
    struct thread *next = turn_next();
    if (!next)
        next = wait_for_outside();
    if (next != self)
        trace_held();
    hand_to(next);
    if (next != self && !self->finished && !self->outside)
        wait_for_turn();
}

static void evict(struct thread *stuck, const char *why)
{
    struct thread *me = self;
    turn_inexact(why);
    __atomic_store_n(&stuck->outside, true, __ATOMIC_RELEASE);
    self = stuck; /* the choice is his */
    struct thread *next = turn_next();
    if (next)
        hand_to(next);
    else
        __atomic_store_n(&holder, IDLE, __ATOMIC_RELEASE);
    self = me;
}

static void look_after_holder(uint64_t steps_seen)
{
    int seen = __atomic_load_n(&holder, __ATOMIC_ACQUIRE);
    if (seen == IDLE || seen == self->id || __atomic_load_n(&turn_dozes, __ATOMIC_ACQUIRE) ||
        shared->result.steps != steps_seen)
        return;
    const char *why = watch_finds(seen, steps_seen);
    if (!why)
        return;
    take_lock();
    if (holder == seen && shared->result.steps == steps_seen && self->baton == 0 && !threads[seen].outside &&
        !turn_dozes)
        evict(&threads[seen], why);
    drop_lock();
}

static void wait_for_turn(void)
{
    for (;;) {
        uint64_t steps = __atomic_load_n(&shared->result.steps, __ATOMIC_RELAXED);
        uint32_t baton = __atomic_load_n(&self->baton, __ATOMIC_ACQUIRE);
        if (baton == 1)
            break;
        if (baton == 2)
            deadlock_show_stack(self);
        real_sleep(&self->baton, baton == 2 ? 0 : baton, PATIENCE);
        if (__atomic_load_n(&self->baton, __ATOMIC_ACQUIRE) == 0)
            look_after_holder(steps);
    }
    __atomic_store_n(&self->baton, 0, __ATOMIC_RELAXED);
}

/* ---------------------------------------------------------------------------------- what threads do */

static void come_back_if_evicted(void)
{
    if (__atomic_load_n(&self->outside, __ATOMIC_ACQUIRE))
        turn_return();
}

static void begin_act(const struct act *act)
{
    come_back_if_evicted();
    self->act = *act;
    self->step++;
    self->access = 0;
    self->accesses_since = 0;
    __atomic_store_n(&shared->result.steps, shared->result.steps + 1, __ATOMIC_RELAXED);
}

static void end_act(const struct act *act, unsigned flags)
{
    orders_touch_act(self);
    self->ready = NULL;
    self->deadline = NEVER;
    self->interruptible = false;
    choose_done(self);
    trace_act(self, act, flags);
}

void turn_act_quietly(struct act act)
{
    begin_act(&act);
    if (!act.reads)
        turn_changed();
    end_act(&act, 0);
}

void turn_act(struct act act)
{
    if (self->in_call && act.kind != KIND_CALL) { /* a call of the library is one piece */
        turn_act_quietly(act);
        return;
    }
    begin_act(&act);
    give_turn();
    if (!act.reads)
        turn_changed();
    end_act(&act, 0);
}

void turn_access(struct act act)
{
    come_back_if_evicted();
    self->act = act;
    give_turn();
    choose_done(self);
}

void look(struct act act, uint64_t value)
{
    look_begin(&act, value);
    act.reads = true;
    turn_act(act);
    self->look_repeated = 0;
}

void look_in_loop(struct act act, uint64_t value)
{
    look_begin(&act, value);
    act.reads = true;
    if (look_is_futile(self, LOOKS_FEW) || !orders_are_explored())
        turn_act(act);
    else
        turn_act_quietly(act);
    self->look_repeated = 0;
}

/* While a thread is outside, virtual time does not simply pass: that thread needs real time. */
static void wait_with_the_world(uint64_t deadline)
{
    const uint64_t now = clock_now(), enough = 10000000;
    if (!turn_somebody_is_outside() || deadline <= now)
        return;
    turn_doze(deadline - now < enough ? deadline - now : enough);
}

static enum outcome wait_at(struct act act, condition *ready, uint64_t deadline)
{
    begin_act(&act);
    self->ready = ready;
    self->deadline = deadline;
    const bool blocked = !turn_can_go_on(self);
    if (deadline != NEVER && !look_may_time_out(self))
        orders_touch_all();
    give_turn();
    enum outcome outcome = IN_TIME;
    if (ready && !ready(self)) {
        outcome = deadline != NEVER && (self->forced || deadline <= clock_now()) ? TIMED_OUT : INTERRUPTED;
        if (outcome == TIMED_OUT) {
            wait_with_the_world(deadline);
            if (deadline > clock_now())
                orders_touch(CLOCKS, 1, true);
            clock_pass_to(deadline);
            look_timed_out(self);
        }
        self->interrupted = false;
    }
    if (outcome != TIMED_OUT)
        turn_changed();
    end_act(&act, (blocked ? EVENT_BLOCKED : 0u) | (outcome == TIMED_OUT ? EVENT_TIMED_OUT : 0u));
    return outcome;
}

enum outcome turn_wait(struct act act, condition *ready, uint64_t deadline)
{
    return wait_at(act, ready, deadline);
}

enum outcome turn_wait_interruptibly(struct act act, condition *ready, uint64_t deadline)
{
    self->interruptible = true;
    return wait_at(act, ready, deadline);
}

void turn_leave(const char *why)
{
    turn_inexact(why);
    take_lock();
    __atomic_store_n(&self->outside, true, __ATOMIC_RELEASE);
    struct thread *next = turn_next();
    if (next)
        hand_to(next);
    else
        __atomic_store_n(&holder, IDLE, __ATOMIC_RELEASE);
    drop_lock();
}

/* Back, the thread is one of those who can go on; if nobody has the turn, it takes it. */
void turn_return(void)
{
    take_lock();
    __atomic_store_n(&self->back, true, __ATOMIC_RELEASE);
    turn_tell_return();
    const bool takes = holder == IDLE;
    if (takes)
        hand_to(self);
    drop_lock();
    if (!takes)
        wait_for_turn();
    self->outside = false;
    self->back = false;
}

/* -------------------------------------------------------------------------------------- their lives */

struct thread *turn_new_thread(void)
{
    if (thread_count == MAX_THREADS)
        return NULL;
    struct thread *thread = &threads[thread_count];
    thread->id = thread_count++;
    alive[alive_count++] = thread->id;
    thread->act.kind = KIND_START;
    thread->act.object = (uintptr_t)thread;
    shared->result.started = (uint32_t)thread_count;
    return thread;
}

/* Its creation has failed. */
void turn_forget_thread(struct thread *thread)
{
    thread_count--;
    alive_count--;
    shared->result.started = (uint32_t)thread_count;
    real_clear(thread, sizeof *thread);
}

void turn_begin(void)
{
    choose_begin();
    self = turn_new_thread();
    self->number = real_thread();
    self->handle = pthread_self();
    shared->result.handles[self->id] = (uintptr_t)self->handle;
    holder = self->id;
    shared->result.running = self->id;
}

void turn_start(struct thread *thread)
{
    self = thread;
    thread->number = real_thread();
    shared->result.handles[thread->id] = (uintptr_t)pthread_self();
    if (turn_interrupted_early)
        __atomic_store_n(&thread->interrupted, true, __ATOMIC_RELAXED);
    wait_for_turn();
    end_act(&thread->act, 0);
}

void turn_finish(void)
{
    struct act act = {.kind = KIND_END, .object = (uintptr_t)self};
    begin_act(&act);
    self->finished = true;
    turn_changed();
    end_act(&act, 0);
    int kept = 0;
    for (int i = 0; i < alive_count; i++)
        if (alive[i] != self->id)
            alive[kept++] = alive[i];
    alive_count = kept;
    if (alive_count > 0)
        give_turn();
    self = NULL;
}

/* A thread that has finished here may still be on its way out; only then TSan knows whether it was
 * joined. */
void turn_let_go(void)
{
    for (int t = 1; t < thread_count; t++) /* the first thread stays to the end */
        for (int i = 0; threads[t].finished && i < 1000 &&
                        REAL(SYS_tgkill, REAL(SYS_getpid, 0), threads[t].number, 0) == 0;
             i++)
            turn_doze(200000);
}
