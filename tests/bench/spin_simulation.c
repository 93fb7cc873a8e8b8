/* What does looking on cost or save on machines that are not at hand? src/spin.c itself, on a simulated
 * kernel: 1 to 64 CPUs, threads that run one after the other for a time slice, woken threads that go
 * before a process that computes, CPUs that sleep when they have nothing to run. Exact and repeatable.
 *
 * The times of the kernel are of the order that was measured (see the README's benchmark); what is judged
 * are ratios between three policies on the same simulated machine: the library's, parking at once, and
 * yielding without a bar.
 *
 * In one file: src/spin.c is included, and what it asks of the system is the simulated kernel's. */
#define _GNU_SOURCE
#include <sched.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

static int simulated_clock_gettime(clockid_t clock, struct timespec *time);
static int simulated_yield(void);
static int64_t looked; /* times, at a group, of the thread that runs, since it last asked for something */
#define __atomic_load_n(at, order) (looked++, __atomic_load_n(at, order))
#define clock_gettime              simulated_clock_gettime
#define sched_yield                simulated_yield
#include "../../src/spin.c"
#undef __atomic_load_n
#undef clock_gettime
#undef sched_yield

/* Nanoseconds. */
enum {
    LOOK = 13,
    CLOCK_CALL = 30,
    YIELD_CALL = 300,     /* sched_yield() that comes back at once */
    SWITCH = 1000,        /* from one thread to another */
    PARK_CALL = 800,      /* into the futex */
    WAKE_CALL = 1500,     /* of the first sleeper, paid by the waker */
    WAKE_MORE = 500,      /* of each other */
    BALANCE = 4000000,    /* between two looks at the others' queues */
    WAKE_AWAKE = 3000,    /* until a woken thread runs, in front of a stranger */
    WAKE_SLEEPING = 20000 /* the same where the CPU has to wake up first */
};

enum { MAX_CPUS = 64, MAX_TASKS = 3 * MAX_CPUS };

struct task {
    jmp_buf context;
    char *stack;
    int cpu;
    int stranger;  /* computes all the time, and never leaves its CPU */
    int64_t had;   /* CPU time, as fair queueing counts it */
    int64_t owed;  /* when it went to sleep, for having had less than others */
    int64_t ran;   /* of its slice */
    int64_t asked; /* CPU time that it wants to spend now */
    enum { RUNS, YIELDS, PARKS } request;
    const waitgroup_t *parked_on;
    __typeof__(score) score;
};

struct cpu {
    struct task *current; /* null: it sleeps */
    int64_t clock;        /* when the current one goes on */
    int64_t balanced;     /* when it last looked at the others' queues */
    struct task *queue[MAX_TASKS];
    int queued;
};

static struct {
    int cpus, workers;
    int64_t slice, task_time;
    int (*policy)(const waitgroup_t *);
} machine;
static struct cpu cpus[MAX_CPUS];
static struct task tasks[MAX_TASKS];
static int task_count;
static struct task *self;
static jmp_buf kernel;

/* ---------------------------------------------------------------------- what a thread asks for */

static void ask(int request, int64_t nanoseconds)
{
    self->request = request;
    self->asked = nanoseconds + LOOK * looked;
    looked = 0;
    self->score = score;
    if (_setjmp(self->context) == 0)
        _longjmp(kernel, 1);
    score = self->score;
}

static int simulated_clock_gettime(clockid_t clock, struct timespec *time)
{
    (void)clock;
    ask(RUNS, CLOCK_CALL);
    const int64_t now = cpus[self->cpu].clock;
    *time = (struct timespec){now / 1000000000, now % 1000000000};
    return 0;
}

static int simulated_yield(void)
{
    ask(YIELDS, YIELD_CALL);
    return 0;
}

/* ------------------------------------------------------------------------------- the scheduler */

/* Fair queueing, as Linux: whoever has had the least goes next, at the end of a slice, or at once if it
 * has just been woken. A thread that yields forfeits its slice. What a thread has had counts from its
 * CPU's level, and it neither gains nor loses more than a slice by sleeping. */
static void enqueue(struct cpu *cpu, struct task *task)
{
    cpu->queue[cpu->queued++] = task;
    task->cpu = (int)(cpu - cpus);
}

static struct task *dequeue(struct cpu *cpu, int index)
{
    struct task *task = cpu->queue[index];
    cpu->queue[index] = cpu->queue[--cpu->queued];
    return task;
}

static int least(const struct cpu *cpu)
{
    int found = 0;
    for (int i = 1; i < cpu->queued; i++)
        if (cpu->queue[i]->had < cpu->queue[found]->had)
            found = i;
    return found;
}

/* The mean of what its threads have had. */
static int64_t level(const struct cpu *cpu)
{
    int64_t sum = cpu->current ? cpu->current->had : 0;
    for (int i = 0; i < cpu->queued; i++)
        sum += cpu->queue[i]->had;
    const int count = cpu->queued + (cpu->current != NULL);
    return count ? sum / count : 0;
}

static void place(struct cpu *cpu, struct task *task, int64_t owed)
{
    owed = owed > machine.slice ? machine.slice : owed < -machine.slice ? -machine.slice : owed;
    task->had = level(cpu) - owed;
}

static void run(struct cpu *cpu, struct task *task, int64_t at)
{
    cpu->current = task;
    cpu->clock = at;
    task->cpu = (int)(cpu - cpus);
    task->ran = 0;
}

/* The next of this CPU's queue, or one that waits at another CPU; nobody, and the CPU sleeps. */
static void run_next(struct cpu *cpu)
{
    cpu->current = NULL;
    if (cpu->queued != 0) {
        run(cpu, dequeue(cpu, least(cpu)), cpu->clock + SWITCH);
        return;
    }
    for (int c = 0; c < machine.cpus; c++)
        for (int i = 0; i < cpus[c].queued; i++)
            if (!cpus[c].queue[i]->stranger) {
                struct task *task = dequeue(&cpus[c], i);
                task->had = 0;
                run(cpu, task, cpu->clock + SWITCH);
                return;
            }
}

/* Now and then a CPU takes a thread from the one that has most to do. */
static void balance(struct cpu *cpu)
{
    struct cpu *busiest = cpu;
    for (int c = 0; c < machine.cpus; c++)
        if (cpus[c].queued > busiest->queued)
            busiest = &cpus[c];
    cpu->balanced = cpu->clock;
    for (int i = 0; busiest->queued > cpu->queued + 1 && i < busiest->queued; i++)
        if (!busiest->queue[i]->stranger) {
            struct task *task = dequeue(busiest, i);
            place(cpu, task, level(busiest) - task->had);
            enqueue(cpu, task);
            return;
        }
}

static void wake(struct task *task, int64_t now)
{
    struct cpu *cpu = &cpus[task->cpu];
    for (int c = 0; cpu->current && c < machine.cpus; c++)
        if (!cpus[c].current)
            cpu = &cpus[c];
    task->parked_on = NULL;
    if (!cpu->current) {
        task->had = 0;
        run(cpu, task, now + WAKE_SLEEPING);
        return;
    }
    struct task *const running = cpu->current;
    if (running->stranger && cpu->clock > now) { /* it was granted a whole slice */
        running->had -= cpu->clock - now;
        cpu->clock = now;
    }
    place(cpu, task, task->owed);
    if (running->stranger && task->had < running->had) {
        enqueue(cpu, running);
        run(cpu, task, now + WAKE_AWAKE);
    } else {
        enqueue(cpu, task);
    }
}

/* Machines are not as regular as this one: without some chance two threads can keep step for ever. */
static int64_t about(int64_t nanoseconds)
{
    static uint64_t dice = 1;
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return nanoseconds * (int64_t)(75 + (dice >> 33) % 51) / 100;
}

/* Lets the current thread of a CPU go on until it asks for something, and grants that. */
static void step(struct cpu *cpu)
{
    self = cpu->current;
    if (self->stranger) {
        self->request = RUNS;
        self->asked = machine.slice;
    } else if (_setjmp(kernel) == 0) {
        _longjmp(self->context, 1);
    }
    self->asked = about(self->asked);
    cpu->clock += self->asked;
    if (cpu->clock - cpu->balanced > BALANCE)
        balance(cpu);
    self->ran += self->asked;
    self->had += self->asked;
    if (self->request == YIELDS)
        self->had += machine.slice;
    if (self->request == PARKS) {
        self->owed = level(cpu) - self->had;
        run_next(cpu);
    } else if (cpu->queued != 0 && (self->request == YIELDS || self->ran >= machine.slice)) {
        enqueue(cpu, self);
        run_next(cpu);
    }
}

/* --------------------------------------------------------------------------------- the program */

static waitgroup_t gates[2], joined[2];
static int64_t rounds;

static void finish(waitgroup_t *wg)
{
    wg->state -= (uint64_t)1 << 32;
    if (state_counter(wg->state) != 0 || state_waiters(wg->state) == 0)
        return;
    wg->state = 0;
    int64_t cost = WAKE_CALL;
    for (int i = 0; i < task_count; i++)
        if (tasks[i].parked_on == wg) {
            wake(&tasks[i], cpus[self->cpu].clock + cost);
            cost += WAKE_MORE;
        }
    ask(RUNS, cost);
}

static void wait_for(waitgroup_t *wg)
{
    if (machine.policy(wg) || state_counter(wg->state) == 0)
        return;
    wg->state++;
    self->parked_on = wg;
    ask(PARKS, PARK_CALL);
}

static void work(void)
{
    for (unsigned round = 0;; round++) {
        wait_for(&gates[round % 2]);
        if (machine.task_time != 0)
            ask(RUNS, machine.task_time);
        finish(&joined[round % 2]);
    }
}

static void lead(void)
{
    for (unsigned round = 0;; round++) {
        gates[(round + 1) % 2].state = (uint64_t)1 << 32;
        joined[round % 2].state = (uint64_t)machine.workers << 32;
        finish(&gates[round % 2]);
        wait_for(&joined[round % 2]);
        rounds++;
    }
}

static void (*body)(void);

/* makecontext() gives a thread its stack; from then on it is left and entered by longjmp(), which makes
 * no system call. */
static void begin(void)
{
    void (*const own)(void) = body;
    if (_setjmp(self->context) == 0)
        _longjmp(kernel, 1);
    score = self->score;
    own();
}

static void add_task(void (*what)(void), int cpu)
{
    enum { STACK = 64 << 10 };
    struct task *task = &tasks[task_count++];
    char *stack = task->stack ? task->stack : malloc(STACK);
    if (!stack)
        abort();
    *task = (struct task){.stack = stack, .stranger = what == NULL};
    if (what) {
        ucontext_t context;
        getcontext(&context);
        context.uc_stack.ss_sp = stack;
        context.uc_stack.ss_size = STACK;
        makecontext(&context, begin, 0);
        self = task;
        body = what;
        if (_setjmp(kernel) == 0)
            setcontext(&context);
    }
    enqueue(&cpus[cpu], task);
}

enum load {
    IDLE,
    IDLE_ASLEEP, /* the same, after a time in which looking on did not pay */
    BUSY_SHORT,  /* every CPU has a process that computes, slices of 0.7 ms */
    BUSY_LONG,   /* the same, slices of 3 ms */
    LOADS
};

static void start_machine(enum load load)
{
    memset(cpus, 0, sizeof cpus);
    task_count = 0;
    rounds = 0;
    yields_barred_until = counted_until = 0;
    has_company = machine.cpus > 1;
    machine.slice = load == BUSY_SHORT ? 700000 : 3000000;
    gates[0].state = (uint64_t)1 << 32;
    add_task(lead, 0);
    for (int i = 0; i < machine.workers; i++)
        add_task(work, (i + 1) % machine.cpus);
    for (int i = 0; load == IDLE_ASLEEP && i < task_count; i++)
        tasks[i].score.pause = tasks[i].score.to_park = MAX_PAUSE / 4;
    for (int c = 0; load >= BUSY_SHORT && c < machine.cpus; c++)
        add_task(NULL, c);
    for (int c = 0; c < machine.cpus; c++)
        run_next(&cpus[c]);
}

/* Nanoseconds for a round, in the mean over some time after a while for getting used to each other. */
static double simulate(int (*policy)(const waitgroup_t *), enum load load)
{
    static const struct {
        int64_t warm, least, rounds, most;
    } times[LOADS] = {
        [IDLE] = {10000000, 20000000, 0, 20000000},
        [IDLE_ASLEEP] = {200000000, 205000000, 0, 205000000},
        [BUSY_SHORT] = {20000000, 350000000, 3000, 15000000000},
        [BUSY_LONG] = {20000000, 350000000, 3000, 15000000000},
    };
    machine.policy = policy;
    start_machine(load);
    int64_t began = 0, before = 0;
    for (;;) {
        struct cpu *next = NULL;
        for (int c = 0; c < machine.cpus; c++)
            if (cpus[c].current && (!next || cpus[c].clock < next->clock))
                next = &cpus[c];
        if (began == 0 && next->clock > times[load].warm) {
            began = next->clock;
            before = rounds;
        }
        if (next->clock > times[load].most ||
            (next->clock > times[load].least && rounds > times[load].rounds))
            return (double)(next->clock - began) / (double)(rounds > before ? rounds - before : 1);
        step(next);
    }
}

/* --------------------------------------------------------------------------------- the policies */

static int park_at_once(const waitgroup_t *wg)
{
    return is_zero(wg);
}

/* Looks and yields that learn nothing. */
static int yield_without_bar(const waitgroup_t *wg)
{
    for (int i = 0; i < 16 && !is_zero(wg); i++)
        simulated_yield();
    return is_zero(wg);
}

static int compare_policies(enum load load)
{
    static const char *const names[LOADS] = {"idle", "idle, asleep", "busy, 0.7 ms", "busy, 3 ms"};
    const double ours = simulate(waitgroup_spin_, load) / 1000, parks = simulate(park_at_once, load) / 1000,
                 yields = simulate(yield_without_bar, load) / 1000;
    const double limit = load >= BUSY_SHORT ? 1.10 * parks : 1.25 * (parks < yields ? parks : yields);
    printf("%4d  %-13s %7d %7d us %9.2f %9.2f %9.2f%s\n", machine.cpus, names[load], machine.workers,
           (int)(machine.task_time / 1000), ours, parks, yields, ours <= limit ? "" : "  FAILED");
    return ours <= limit;
}

int main(void)
{
    static const int cpu_counts[] = {1, 2, 8, MAX_CPUS};
    static const int64_t task_times[] = {0, 3000, 100000};
    int passed = 0, failed = 0;
    printf("                                      microseconds for a fork-join round\n"
           "CPUs  others        workers      tasks   library   parking  yielding\n");
    for (size_t n = 0; n < sizeof cpu_counts / sizeof *cpu_counts; n++)
        for (enum load load = 0; load < LOADS; load++)
            for (size_t t = 0; t < sizeof task_times / sizeof *task_times; t++) {
                machine.cpus = cpu_counts[n];
                machine.task_time = task_times[t];
                const int worker_counts[] = {1, machine.cpus, machine.cpus + 2 + machine.cpus / 2};
                for (size_t w = machine.cpus == 1; w < sizeof worker_counts / sizeof *worker_counts; w++) {
                    machine.workers = worker_counts[w];
                    const int holds = compare_policies(load);
                    passed += holds;
                    failed += !holds;
                }
            }
    printf("spin simulation: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
