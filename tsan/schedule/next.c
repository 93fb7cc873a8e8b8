/* Which threads can go on now. If there are several, choose.c or orders.c says which one does; if there is
 * none, time passes, or it is a deadlock. */
#include "timer_descriptor.h"
#include "turn.h"

static uint32_t idle_rounds; /* since the last change */
static uint64_t changes_when_idle;

enum {
    IDLE_ROUNDS_EACH = 2000,   /* looks in vain until it is called a livelock, by thread */
    IDLE_ROUNDS_ALONE = 200000 /* of the only one: perhaps it counts */
};

/* For how long others may be held back. A deadline that is further away is there to end what hangs. In every
 * other run it is a second, so that what a wait of seconds is for is seen, too. */
static uint64_t longest_delay(void)
{
    const uint64_t second = 1000000000;
    const uint32_t strategy = shared->request.strategy;
    const bool patient = strategy == SCHEDULE_ORDERS || strategy == SCHEDULE_REPLAY ||
                         (shared->request.seed * 0x9e3779b97f4a7c15u >> 63);
    return patient ? 60 * second : second;
}

/* A deadline may pass although others could go on: they may be slow. But not a distant one. */
static bool may_be_late(const struct thread *thread)
{
    return thread->deadline != NEVER && thread->deadline <= clock_now() + longest_delay() &&
           !thread->outside && !turn_can_go_on(thread) && look_may_time_out(thread);
}

static int collect(int *candidates, const struct thread *usual, bool hasty)
{
    const uint32_t strategy = shared->request.strategy;
    const enum looks looks = strategy == SCHEDULE_ORDERS ? LOOKS_FEW : LOOKS_DRAWN;
    int count = 0;
    for (int i = 0; i < alive_count; i++) {
        const struct thread *thread = &threads[alive[i]];
        if (turn_can_go_on(thread) ? strategy == SCHEDULE_REPLAY || !look_is_futile(thread, looks)
                                   : hasty && may_be_late(thread))
            candidates[count++] = thread->id;
    }
    if (count == 0)
        candidates[count++] = usual->id;
    return count;
}

/* What a thread does before its first act nobody notices: once it stands there, the choice is among acts. -1:
 * none is new. */
static int new_one(const int *candidates, int count)
{
    for (int i = 0; i < count; i++)
        if (threads[candidates[i]].act.kind == KIND_START)
            return candidates[i];
    return -1;
}

static struct thread *first_deadline(void)
{
    struct thread *first = NULL;
    for (int i = 0; i < alive_count; i++) {
        struct thread *thread = &threads[alive[i]];
        if (thread->deadline != NEVER && !thread->outside && (!first || thread->deadline < first->deadline))
            first = thread;
    }
    return first;
}

/* Nobody can go on by himself. Time passes; or those who only look do so again. */
static struct thread *one_who_must(void)
{
    struct thread *next = first_deadline();
    if (next)
        return pending_timer_expires(next->deadline) ? NULL : next;
    for (int i = 0; i < alive_count; i++) {
        struct thread *thread = &threads[alive[i]];
        if (turn_can_go_on(thread) && (!next || thread->forced_looks < next->forced_looks))
            next = thread;
    }
    if (next) {
        next->forced_looks++;
        pending_timer_expires(NEVER);
    }
    return next;
}

static void record_switch(int next)
{
    struct schedule_result *result = &shared->result;
    if (result->switch_count < MAX_SWITCHES)
        result->switches[result->switch_count] =
            (struct schedule_switch){(uint16_t)self->id, (uint16_t)next, self->step, self->access};
    result->switch_count++;
}

static uint32_t most_idle_rounds(void)
{
    return alive_count == 1 ? IDLE_ROUNDS_ALONE : IDLE_ROUNDS_EACH * (uint32_t)alive_count;
}

/* Who goes on if nobody has an opinion: who runs already, else the lowest that can. */
static struct thread *one_who_can(void)
{
    if (!self->finished && turn_can_go_on(self) && !look_is_futile(self, LOOKS_USUAL))
        return self;
    for (int i = 0; i < alive_count; i++)
        if (turn_can_go_on(&threads[alive[i]]) && !look_is_futile(&threads[alive[i]], LOOKS_USUAL))
            return &threads[alive[i]];
    return NULL;
}

static struct thread *usual_thread(void)
{
    struct thread *next = NULL;
    const struct thread *first;
    while (timer_descriptor_expires(clock_now()))
        ;
    next = one_who_can();
    if (next)
        return next;
    do {
        turn_news++; /* the world outside makes some, too */
        next = one_who_can();
        if (next)
            return next;
        first = first_deadline();
    } while (timer_descriptor_expires(first ? first->deadline : NEVER));
    next = one_who_must();
    if (changes_when_idle != changes)
        idle_rounds = 0;
    changes_when_idle = changes;
    if (next && !turn_somebody_is_outside() && ++idle_rounds > most_idle_rounds()) {
        deadlock_record();
        turn_end(OUTCOME_LIVELOCK, "all threads that can go on only look whether something has changed");
    }
    return next;
}

/* The thread that the turn goes to, or NULL: nobody can go on for now. */
struct thread *turn_next(void)
{
    static int candidates[MAX_THREADS]; /* too large for a thread's stack; only who has the turn comes here */
    const uint32_t strategy = shared->request.strategy;
    const bool explored = strategy == SCHEDULE_ORDERS;
    struct thread *usual = usual_thread();
    if (!usual)
        return NULL;
    int count =
        collect(candidates, usual, strategy == SCHEDULE_REPLAY || (shared->request.flags & FLAG_HASTY));
    int next = usual->id;
    const int new = shared->request.flags & FLAG_READY ? new_one(candidates, count) : -1;
    if (explored)
        next = orders_choose(candidates, count);
    else if (new >= 0)
        next = new;
    else if (count > 1) {
        if (++shared->result.choices > shared->request.max_choices && shared->request.max_choices)
            turn_end(OUTCOME_LIMIT, "the run has made as many choices as it may");
        next = look_spins_on(usual) ? usual->id : choose(candidates, count, usual->id);
    }
    if (next != usual->id)
        record_switch(next);
    return &threads[next];
}
