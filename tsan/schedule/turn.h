/* Who runs: one thread at a time, the one that has the turn.
 *
 * A thread comes here before each act that another could notice. turn_act() is a place where somebody
 * else may go first; turn_wait() is one where the thread cannot go on before its condition holds. The
 * condition asks the real object (a mutex's own lock word, a descriptor's readiness): only one thread
 * runs, so what it says stays true until the act. Nothing here knows any primitive. */
#ifndef SCHEDULE_TURN_H
#define SCHEDULE_TURN_H

#include "interface.h"
#include "real.h"

#include <pthread.h>

struct act {
    enum schedule_kind kind;
    uintptr_t object, pc;
    uint64_t argument;
    uint16_t size;
    bool reads; /* changes nothing: two such acts on one object can be swapped */
};

struct thread;
typedef bool condition(const struct thread *thread);

enum { MAX_LOOKS = 8, NEVER = 0 };
enum { CLOCKS = 16 }; /* an object: what time it is */

struct thread {
    int id;
    int number;     /* the kernel's */
    uint32_t baton; /* a futex: 1: go on, 2: show where you stand */
    bool finished, joined, detached;
    uint32_t step, access; /* its position, see interface.h */

    /* The act that it is about to do. */
    struct act act;
    condition *ready;  /* NULL: it can go on */
    uint64_t deadline; /* virtual time, NEVER: none */
    bool interruptible, interrupted, cancelled, cancel_disabled;
    bool signalled;  /* what it waits for has come */
    uint32_t tokens; /* condition_signal: how many of those eligible may wake */
    uintptr_t futex;
    const uintptr_t *call_args; /* of a wait for descriptors */
    uint64_t asked;             /* when the kernel was asked for them, see turn_news */
    bool answer;
    int signals_seen; /* how many had been sent when it last looked */
    uint32_t futex_bits;
    uint64_t futex_turn; /* first come, first woken */
    uintptr_t mutex;     /* that a condition wait takes again */
    const char *call;    /* the function that it has called */
    bool forced;         /* it goes on although its condition does not hold: its time is up */

    /* Outside: in a call that waits for something that nobody here can bring about. */
    bool outside, back;

    /* Looks that found nothing new, see look.c. */
    uint64_t look_key[MAX_LOOKS];
    uint16_t look_count[MAX_LOOKS];
    uint64_t look_changes, look_writes, look_own_writes, nap_key, nap_changes;
    uint32_t looks, forced_looks, naps, accesses_since, clock_looks;
    uintptr_t last_clock;
    uint32_t look_repeated;
    uint64_t own_changes, own_writes;
    uint64_t watched_call; /* of the holder, while this one waits */
    int watched;
    uint64_t busy_steps,
        busy_since; /* likewise: steps when it was first seen at work, its processor time then */

    /* Of the library's calls and of initializers: what it is inside of. */
    uint32_t in_call;
    uintptr_t call_object, call_pc;
    bool nap;
    uintptr_t nap_deadline; /* the struct timespec that ends the sleep that the nap is part of, 0: none */
    uintptr_t inside[8];
    uint32_t inside_count;

    uint32_t held_count;
    struct {
        uintptr_t object, pc;
        enum schedule_kind kind;
    } held[MAX_HELD];

    uint64_t priority, act_priority; /* of strategies */

    uintptr_t stack_begin, deepest; /* its stack grows down from there; how far it was when last seen */
    uintptr_t signal_stack;         /* of its handlers, if that has a place of its own */
    size_t signal_stack_size;

    void *(*task)(void *);
    void *argument;
    pthread_t handle;
};

/* table.c */
extern struct thread threads[MAX_THREADS];
extern int thread_count;
extern int alive[MAX_THREADS]; /* not finished, by number */
extern int alive_count;
extern uint64_t plain_writes;
extern uint64_t changes; /* acts so far that could let somebody else go on */
extern struct schedule_shared *shared;
extern _Thread_local struct thread *self __attribute__((__tls_model__("initial-exec")));
/* A signal came while the thread was being made. */
extern _Thread_local volatile bool turn_interrupted_early __attribute__((__tls_model__("initial-exec")));
extern uint64_t turn_news; /* counts what may have made descriptors ready, or no longer ready */
extern bool turn_dozes;    /* whoever has the turn */
void turn_changed(void);   /* the act changed something */
bool turn_can_go_on(const struct thread *thread);
uint64_t changes_by_others(const struct thread *thread);
bool turn_somebody_is_outside(void);
bool turn_somebody_waits_for_input(void);
bool turn_somebody_can_be_interrupted(void);
void turn_inexact(const char *why);
_Noreturn void turn_end(enum schedule_outcome outcome, const char *text);
void turn_doze(uint64_t nanoseconds); /* whoever has the turn lets time go by, for the world outside */
void turn_tell_return(void);          /* ends it: somebody is back from outside */

enum outcome { IN_TIME, TIMED_OUT, INTERRUPTED };

struct thread *turn_new_thread(void); /* before it is created; NULL: too many */
void turn_forget_thread(struct thread *thread);
void turn_start(struct thread *thread); /* in a new thread: waits for its turn */
void turn_act(struct act act);
void turn_act_quietly(struct act act); /* a step, but no choice */
enum outcome turn_wait(struct act act, condition *ready, uint64_t deadline);
enum outcome turn_wait_interruptibly(struct act act, condition *ready, uint64_t deadline);
void turn_access(struct act act);          /* an access that is a choice */
void look(struct act act, uint64_t value); /* an act that may find nothing new, instead of turn_act() */
void look_in_loop(struct act act, uint64_t value); /* one that is a choice only if it is futile */
void turn_finish(void);                            /* the thread ends */
void turn_leave(const char *why);                  /* into a call that waits for the outside */
void turn_return(void);
void turn_let_go(void); /* at the end of the program: the threads that have finished are gone */
void turn_begin(void);  /* in a run's process: the calling thread is the first, and has the turn */

/* next.c */
struct thread *turn_next(void); /* to whom the turn goes; NULL: nobody can go on for now */

/* look.c */
enum looks { LOOKS_FEW, LOOKS_DRAWN, LOOKS_USUAL };
bool look_is_futile(const struct thread *thread, enum looks looks); /* after so many */
bool look_spins_on(const struct thread *thread);                    /* it does, before anybody else goes on */
void look_begin(const struct act *act, uint64_t value);
bool look_may_time_out(const struct thread *thread);
void look_timed_out(struct thread *thread);

/* choose.c: one of count candidates (numbers of threads, ascending). */
int choose(const int *candidates, int count, int usual);
void choose_begin(void);
bool choose_is_given_at_access(void);
void choose_done(const struct thread *thread); /* the thread does its act now */

/* access.c */
void access_begin(void);

/* orders.c: all orders. */
bool orders_are_explored(void);
int orders_choose(const int *candidates, int count);
void orders_touch(uintptr_t address, size_t size, bool written);
void orders_touch_act(const struct thread *thread); /* what it does, or waits for */
void orders_touch_all(void);                        /* the turn can be swapped with none */
void orders_try(void);                              /* somebody tries locks */
bool orders_unlock_is_choice(void);
void orders_stuck(void);   /* nobody can go on */
void orders_prepare(void); /* in the server, once */
void orders_first(void);
void orders_begin_run(void);
void orders_next(void); /* after a run */

/* trace.c */
void trace_act(const struct thread *thread, const struct act *act, unsigned flags);
void trace_held(void);            /* the turn goes to another before the running thread's act */
void trace_amend(unsigned flags); /* of the last act */

/* deadlock.c */
void deadlock_record(void);
void deadlock_show_stack(struct thread *thread);
int deadlock_holder(const struct thread *thread);

/* signal.c */
bool signal_restarts(void); /* a call that the signal which was sent last has interrupted */

/* pending.c */
bool pending_signal(void); /* one is on its way that has reached nobody yet */
bool pending_timer_expires(
    uint64_t deadline); /* before then; its signal is on its way to somebody who waits */

/* clock.c */
uint64_t clock_now(void); /* virtual, monotonic */
void clock_pass_to(uint64_t time);
uint64_t clock_deadline(int clock, const struct timespec *time);

/* held.c */
void held_add(const struct act *act);
void held_remove(uintptr_t object);

#endif
