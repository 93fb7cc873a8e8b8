/* The scheduler as its driver sees it: how it is started, what it is asked and what it answers.
 *
 * libracetest-schedule.so is preloaded (LD_PRELOAD) into a program whose ThreadSanitizer runtime is a
 * shared library. RACE_TEST_SCHEDULE=SHARED,COMMANDS,ANSWERS names three descriptors that the program
 * inherits: a file of at least sizeof(struct schedule_shared) bytes to map (memfd_create), the end of a
 * pipe to read from and the end of a pipe to write to. Before main(), before the program's constructors,
 * the process becomes a server:
 *
 *   ANSWERS   one struct schedule_answer when it is ready: its process, and status 0; or -1, and
 *             shared.refused says why the program cannot be controlled
 *   COMMANDS  one byte for each run: the driver has filled shared.request before. Its end ends the server
 *             and whatever still runs
 *   ANSWERS   one struct schedule_answer when the run is over: its process, and the status that waitpid()
 *             told. All else stands in shared.result, as far as the run came
 *
 * Each run is a child of the server, so all runs have the same addresses, and standard output and error
 * are the server's: a driver that opens them as files (O_APPEND) cuts them to nothing before each run.
 * shared.result.process may be killed at any time.
 *
 * A schedule is a list of switches and a phase. "Thread T, before its act (STEP, ACCESS), lets NEXT go
 * first": STEP counts T's acts of synchronization, ACCESS its accesses to memory since the last one. Where no
 * switch is named, T goes on if it can, else the lowest thread that can. A run records the switches that it
 * made; as a request of SCHEDULE_REPLAY they make the same run again, also in another process. The phase has
 * no part in who runs: it says which accesses TSan forgets first (tsan_shift).
 *
 * The numbers of kinds and the texts for them are in shared.kinds, so a driver needs no list of its own. */
#ifndef SCHEDULE_INTERFACE_H
#define SCHEDULE_INTERFACE_H

#include <stdint.h>

enum {
    SCHEDULE_MAGIC = 0x53434844,
    SCHEDULE_VERSION = 12,
    PHASES = 4,
    MAX_THREADS = 8192,
    MAX_SWITCHES = 1 << 16,
    MAX_EVENTS = 1 << 16,
    MAX_REPORTS = 32,
    MAX_FRAMES = 32,
    MAX_STACKS = 8,
    MAX_CALLERS = 15,
    MAX_HELD = 16,
    MAX_BLOCKED = 128,
    MAX_KINDS = 96,
    MAX_PLACES = 1 << 21,
    MAX_ACTING = 256,
    MAX_ACTED = 256
};

/* What threads do, as far as others could notice. */
#define SCHEDULE_KINDS(KIND)                         \
    KIND(START, "start")                             \
    KIND(END, "end")                                 \
    KIND(EXIT, "exit")                               \
    KIND(READ, "read")                               \
    KIND(WRITE, "write")                             \
    KIND(LOAD, "atomic load")                        \
    KIND(STORE, "atomic store")                      \
    KIND(UPDATE, "atomic update")                    \
    KIND(COMPARE, "atomic compare-and-exchange")     \
    KIND(LOCK, "lock")                               \
    KIND(TRYLOCK, "trylock")                         \
    KIND(UNLOCK, "unlock")                           \
    KIND(READ_LOCK, "read lock")                     \
    KIND(WRITE_LOCK, "write lock")                   \
    KIND(RW_UNLOCK, "rwlock unlock")                 \
    KIND(SPIN_LOCK, "spin lock")                     \
    KIND(SPIN_UNLOCK, "spin unlock")                 \
    KIND(SEM_WAIT, "sem_wait")                       \
    KIND(SEM_POST, "sem_post")                       \
    KIND(SEM_VALUE, "sem_getvalue")                  \
    KIND(COND_WAIT, "condition wait")                \
    KIND(COND_WOKEN, "condition woken")              \
    KIND(COND_SIGNAL, "condition signal")            \
    KIND(COND_BROADCAST, "condition broadcast")      \
    KIND(BARRIER, "barrier")                         \
    KIND(BARRIER_PASSED, "barrier passed")           \
    KIND(INVISIBLE, "invisible barrier")             \
    KIND(ONCE, "once")                               \
    KIND(GUARD, "static initialization")             \
    KIND(CREATE, "create")                           \
    KIND(JOIN, "join")                               \
    KIND(DETACH, "detach")                           \
    KIND(CANCEL, "cancel")                           \
    KIND(CANCEL_POINT, "cancellation point")         \
    KIND(SLEEP, "sleep")                             \
    KIND(YIELD, "yield")                             \
    KIND(SPIN, "loop of reads")                      \
    KIND(CLOCK, "clock")                             \
    KIND(FUTEX_WAIT, "futex wait")                   \
    KIND(FUTEX_WOKEN, "futex woken")                 \
    KIND(FUTEX_WAKE, "futex wake")                   \
    KIND(INPUT, "input")                             \
    KIND(OUTPUT, "output")                           \
    KIND(POLL, "poll")                               \
    KIND(SIGNAL, "signal")                           \
    KIND(SIGWAIT, "wait for a signal")               \
    KIND(OUTSIDE, "call that waits for the outside") \
    KIND(FORK, "fork")                               \
    KIND(ACQUIRE, "acquire")                         \
    KIND(RELEASE, "release")                         \
    KIND(DESTROY, "init or destroy")                 \
    KIND(CALL, "call")                               \
    KIND(RETURN, "return")

enum schedule_kind {
#define SCHEDULE_KIND_NUMBER(name, text) KIND_##name,
    SCHEDULE_KINDS(SCHEDULE_KIND_NUMBER)
#undef SCHEDULE_KIND_NUMBER
        KIND_COUNT
};

enum schedule_strategy {
    SCHEDULE_REPLAY, /* request.switches, nothing else */
    SCHEDULE_WALK,   /* at each choice, with the chance 1/parameter, any thread that can go on */
    SCHEDULE_PCT,    /* priorities, changed at parameter - 1 places */
    SCHEDULE_POS,    /* a priority for each act, drawn anew after a conflict */
    SCHEDULE_SURW,   /* by how many acts on one object each thread still has before it */
    SCHEDULE_ORDERS, /* the next of all orders; request.first_order starts anew */
    SCHEDULE_TURNS,  /* each thread in turn, for so many acts, or up to one that changes something */
    SCHEDULE_HOLD    /* whoever comes to one place in the code stays there as long as others can go on */
};

enum schedule_flag {
    FLAG_ACCESSES = 1,        /* accesses are choices where threads are known to share what they touch */
    FLAG_ALL_ACCESSES = 2,    /* all accesses are choices */
    FLAG_HASTY = 4,           /* deadlines may pass although others could go on */
    FLAG_TRACE = 8,           /* record acts */
    FLAG_TRACE_ACCESSES = 16, /* record accesses, too */
    FLAG_LEARN = 32,          /* find out what threads share */
    FLAG_TRACE_CALLERS = 64,  /* record acts with their stacks */
    FLAG_READY = 128,         /* a new thread comes to its first act at once */
    FLAG_UNREDUCED = 256      /* of all orders, also those that nobody can tell apart: for tests */
};

struct schedule_switch {
    uint16_t thread, next;
    uint32_t step, access;
};

struct schedule_request {
    uint32_t strategy, parameter;
    uint64_t seed;
    uint32_t flags;
    uint32_t first_order;
    uint32_t max_choices; /* after so many the run ends as OUTCOME_LIMIT */
    uint32_t phase;       /* below PHASES */
    uint32_t switch_count;
    struct schedule_switch switches[MAX_SWITCHES];
};

enum schedule_outcome {
    OUTCOME_RUNNING,  /* killed or crashed before it ended */
    OUTCOME_ENDED,    /* the program has ended by itself; the answer's status says how */
    OUTCOME_DEADLOCK, /* nobody can go on */
    OUTCOME_LIVELOCK, /* those that can only look whether something has changed */
    OUTCOME_LIMIT,    /* more than max_choices or MAX_THREADS */
    OUTCOME_REPEATED, /* SCHEDULE_ORDERS: the rest would repeat an order that is known */
    OUTCOME_REFUSED   /* result.text says what cannot be scheduled */
};

/* What has become of a switch of the request. */
enum schedule_fate {
    SWITCH_UNREACHED, /* the thread never came there */
    SWITCH_MADE,
    SWITCH_PASSED,    /* there was nothing to choose, or no such access */
    SWITCH_IMPOSSIBLE /* the other thread could not go on, or there was none */
};

struct schedule_event {
    uint64_t pc;       /* the return address of the act */
    uint64_t object;   /* what it is on */
    uint64_t argument; /* of an atomic: its memory order; of a create or join: the thread;
                          of a condition wait: its mutex; of an access: its tag, if it has one */
    uint32_t step, access;
    uint16_t thread, kind;
    uint16_t flags; /* EVENT_BLOCKED: it had to wait, EVENT_FAILED: it changed nothing (a trylock, a compare),
                       EVENT_HELD: it has not happened yet, another thread goes first */
    uint16_t size;
    uint64_t callers[MAX_CALLERS]; /* if they are asked for: the stack above pc, 0 after the last */
};
enum { EVENT_BLOCKED = 1, EVENT_FAILED = 2, EVENT_TIMED_OUT = 4, EVENT_HELD = 8 };

/* One half of a report: an access, or a stack that TSan tells besides. */
struct schedule_stack {
    int32_t thread; /* -1: not known */
    uint32_t size;
    uint32_t writes, atomic;
    uint64_t address;
    uint64_t pcs[MAX_FRAMES]; /* as TSan tells them, 0 after the last */
};

struct schedule_report {
    char kind[64];                            /* "data-race", "heap-use-after-free", ... */
    uint32_t event;                           /* how many events there were */
    uint32_t count;                           /* of stacks */
    uint32_t thread, step, access;            /* who was running */
    struct schedule_stack stacks[MAX_STACKS]; /* of an inversion two for each lock */
    char place[16];               /* in what the memory lies: "global", "heap", "stack", ...; "": not known */
    struct schedule_stack memory; /* where that begins, whose it is, and the stack that has allocated it */
    uint64_t mutexes[4];          /* the first of those that have a part in it */
};

/* A thread at a deadlock: where it stands and what it holds. */
struct schedule_blocked {
    uint32_t thread, kind;
    uint64_t object, pc;
    int32_t holder; /* of the object, -1: none, or not known */
    uint32_t held_count;
    struct {
        uint64_t object, pc;
        uint32_t kind, unused;
    } held[MAX_HELD];
    uint64_t pcs[MAX_FRAMES];
    char call[48]; /* the function that the program has called and that does not return */
};

struct schedule_result {
    int32_t process;
    uint32_t outcome;
    uint32_t threads, choices;
    uint64_t steps;        /* acts of synchronization, of all threads */
    uint32_t inexact;      /* something outside had its say; text says what */
    uint32_t diverged;     /* a switch of the request could not be made */
    uint32_t switch_count; /* more than MAX_SWITCHES: the rest is lost */
    uint32_t event_count;  /* likewise MAX_EVENTS */
    uint32_t report_count; /* likewise MAX_REPORTS */
    uint32_t blocked_count;
    int32_t running;     /* who has the turn, for a run that does not end; -1: nobody */
    uint64_t orders;     /* SCHEDULE_ORDERS: complete so far */
    uint32_t last_order; /* likewise: this was the last */
    uint32_t started;    /* threads created so far, main included */
    uint32_t ending;     /* the program has come to its end */
    char text[256];
    uint64_t starts[MAX_THREADS];  /* what each thread runs */
    uint64_t handles[MAX_THREADS]; /* its pthread_t, near which its thread-local variables lie */
    uint16_t creators[MAX_THREADS];
    struct schedule_switch switches[MAX_SWITCHES];
    uint8_t fates[MAX_SWITCHES]; /* SCHEDULE_REPLAY: of the switches of the request */
    struct schedule_report reports[MAX_REPORTS];
    struct schedule_blocked blocked[MAX_BLOCKED];
    struct schedule_event events[MAX_EVENTS];
};

/* What runs teach each other. */
struct schedule_learnt {
    uint32_t choices;              /* of the longest run */
    uint32_t shared;               /* places that threads share */
    uint8_t place[MAX_PLACES];     /* by the hash of an 8-byte cell: 1: shared */
    uint32_t acts[64][MAX_ACTING]; /* by the hash of an object, and by thread: the most in any run */
    uint8_t acted[MAX_ACTED];      /* by the hash of a place in the code: 1: somebody acts there */
    uint32_t held;                 /* how often SCHEDULE_HOLD has been asked for */
    uint32_t preempted;            /* likewise SCHEDULE_PCT */
    uint32_t picks[MAX_ACTING];    /* how often it has let a thread go on, the most in any run */
};

struct schedule_shared {
    uint32_t magic, version;
    uint64_t size; /* of this struct */
    int32_t server;
    uint32_t kind_count;
    char refused[256];
    char kinds[MAX_KINDS][32];
    struct schedule_request request;
    struct schedule_learnt learnt;
    struct schedule_result result;
};

struct schedule_answer {
    int32_t process, status;
};

#endif
