/* Which thread runs, and the explorer of all orders.
 *
 * One thread runs at a time: it has the baton. Before each act that another thread could notice (a
 * call of the library, an atomic, the lock of a mutex, a wait of a semaphore or barrier, a join, the
 * end of the program) it comes to schedule(), where the baton goes to any of the threads that can go
 * on: a choice. Between two choices nobody else runs, so the choices alone fix the run.
 *
 * SCHEDULE=digits makes them: each digit picks from the threads that can go on, in the order of
 * their creation, then those that could only time out; where only one can, no digit is spent. After
 * the last digit all are 0. More than ten: letters follow the digits.
 *
 * EXPLORE=file walks all orders depth first. A run cannot be taken back, so each is a process of its
 * own, forked before main(): it follows a prefix of choices, then always takes the first, and
 * reports how many there were at each. The next prefix changes the last choice that has one left.
 *
 * Plain accesses are no choices: in a program without a race nobody can notice their order, and
 * those with one are found in every order of the other acts. The library's own steps are no choices
 * either: each of its calls runs as one piece, up to where it blocks. */
#define _GNU_SOURCE
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_RACE = 66,
    EXIT_DEADLOCK = 67,
    EXIT_STOPPED = 70,
    MAX_ORDERS = 20000,
    MAX_FUTILE_LOOKS = 100,
    SECONDS_PER_ORDER = 20
};

struct thread threads[MAX_THREADS];
int thread_count;
int running;

static sem_t batons[MAX_THREADS];

/* A run's outcome; shared with the explorer, which is another process. */
struct run {
    int choices;
    struct {
        unsigned short taken, from;
    } choice[MAX_CHOICES];
    char verdict[512];
    uint64_t signature;
};

static struct run own_run, *run = &own_run;
static unsigned short prefix[MAX_CHOICES]; /* the choices to make */
static int prefix_length;
static bool exploring, reducing;
static uint64_t dice;    /* not 0: choices at random, from this seed */
static unsigned changes; /* acts so far that could let somebody else go on */

#define REPEATED "repeats another order"

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

static char *schedule_text(const struct run *of)
{
    static char text[MAX_CHOICES + 1];
    int length = of->choices;
    while (length > 1 && of->choice[length - 1].taken == 0)
        length--;
    for (int i = 0; i < length; i++)
        text[i] = digits[of->choice[i].taken];
    strcpy(text + length, length == 0 ? "0" : "");
    return text;
}

const char *schedule_taken(void)
{
    return schedule_text(run);
}

/* ------------------------------------- the end of a run ------------------------------------- */

/* One word for each thing that happened, with commas between them. */
static void set_verdict(const char *last_act)
{
    bool misuse = false, data_race = false;
    for (int i = 0; i < race_count; i++)
        *(races[i].misuse ? &misuse : &data_race) = true;
    snprintf(run->verdict, sizeof run->verdict, "%s%s%s", data_race ? "data race|" : "",
             misuse ? "WaitGroup misuse|" : "", last_act ? last_act : "");
    size_t length = strlen(run->verdict);
    if (length == 0)
        strcpy(run->verdict, "no race");
    else if (run->verdict[length - 1] == '|')
        run->verdict[length - 1] = '\0';
}

static void write_out(const char *last_act)
{
    fflush(NULL);
    set_verdict(last_act);
    run->signature = trace_signature();
    if (exploring)
        return;
    const char *path = getenv("RECORD");
    if (path)
        trace_write(path, run->verdict);
    fprintf(stderr, "recorder: %s\n", run->verdict);
}

_Noreturn void run_end(int status)
{
    write_out(NULL);
    _exit(race_count > 0 ? EXIT_RACE : status);
}

_Noreturn void run_panic(const char *text)
{
    char last_act[256];
    snprintf(last_act, sizeof last_act, "panic: %s", text ? text : "");
    write_out(text ? last_act : "abort");
    signal(SIGABRT, SIG_DFL);
    abort();
}

_Noreturn static void run_deadlock(void)
{
    write_out("deadlock");
    _exit(EXIT_DEADLOCK);
}

_Noreturn void run_stop(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->verdict, sizeof run->verdict, format, arguments);
    va_end(arguments);
    fprintf(stderr, "recorder: %s\n", run->verdict);
    _exit(EXIT_STOPPED);
}

/* --------------------------------------- scheduling --------------------------------------- */

static bool can_go_on(const struct thread *thread)
{
    return !thread->finished && (!thread->ready || thread->ready(thread->argument));
}

static bool others_changed(const void *look);

static bool waits_in_loop(const struct thread *thread)
{
    return !thread->finished && thread->ready == others_changed &&
           ((const struct look *)thread->argument)->futile < MAX_FUTILE_LOOKS;
}

/* The next choice of the prefix, or the first. */
static int given_choice(int count)
{
    if (run->choices == MAX_CHOICES)
        run_stop("more than %d choices in one run: too long for a lesson, or without end", MAX_CHOICES);
    if (exploring && count > (int)sizeof digits - 1)
        run_stop("more than %d threads can go on at once: too many to explore", (int)sizeof digits - 1);
    if (dice) {
        /* A linear congruential generator: the same orders every time. */
        dice = dice * 6364136223846793005u + 1442695040888963407u;
        return (int)((dice >> 33) % (unsigned)count);
    }
    int taken = run->choices < prefix_length ? prefix[run->choices] : 0;
    if (taken >= count)
        run_stop("SCHEDULE: choice %d picks %d, but only %d threads can go on there", run->choices + 1, taken,
                 count);
    return taken;
}

static int record_choice(int count, int taken)
{
    run->choice[run->choices].taken = (unsigned short)taken;
    run->choice[run->choices].from = (unsigned short)count;
    run->choices++;
    return taken;
}

/* Reduction (sleep sets, after Godefroid). A turn is what a thread does from one choice to its next:
 * an act on an object and all that follows, unlocking and plain accesses included. Two turns that
 * touch nothing in common, or only look at it, can be swapped without a difference to anybody. Where
 * one thread's turn has been tried, its siblings need not try it again before somebody has touched
 * what it touched: until then the thread sleeps. A run in which only sleepers can go on repeats an
 * earlier one.
 *
 * A turn in which the process ends (a panic, a crash) can be swapped with none: what others would have
 * done after it does not happen. So until it is over, a turn counts as touching everything. */
struct footprint {
    bool over, everything;
    int count;
    struct range {
        uintptr_t start, end;
        bool written;
    } touched[32];
};

/* Of the turns tried, by choice and candidate. Shared by the runs: a sleeper's turn was an earlier one's. */
static struct footprint (*tried)[sizeof digits - 1];
static struct footprint forced, *turn = &forced;    /* of the turn that runs now */
static const struct footprint *sleeps[MAX_THREADS]; /* the turn that need not be tried again */

void touch(const void *address, size_t size, bool written)
{
    const uintptr_t start = (uintptr_t)address, end = start + size;
    if (!reducing || turn->everything)
        return;
    for (int i = 0; i < turn->count; i++) {
        struct range *range = &turn->touched[i];
        if (range->written != written || start < range->start || start > range->end)
            continue;
        if (end > range->end)
            range->end = end;
        return;
    }
    if (turn->count == (int)(sizeof turn->touched / sizeof turn->touched[0]))
        turn->everything = true;
    else
        turn->touched[turn->count++] = (struct range){start, end, written};
}

static bool swappable(const struct footprint *a, const struct footprint *b)
{
    if (!a->over || a->everything || !b->over || b->everything)
        return false;
    for (const struct range *x = a->touched; x < a->touched + a->count; x++)
        for (const struct range *y = b->touched; y < b->touched + b->count; y++)
            if (x->start < y->end && y->start < x->end && (x->written || y->written))
                return false;
    return true;
}

static void begin_turn(struct footprint *of, const void *object)
{
    turn = of;
    *turn = (struct footprint){.everything = !object};
    touch(object, 1, true);
}

static int choose_among(const int *candidates, int count)
{
    if (!reducing)
        return count == 1 ? 0 : record_choice(count, given_choice(count));
    turn->over = true;
    for (int t = 0; t < thread_count; t++)
        if (sleeps[t] && !swappable(sleeps[t], turn))
            sleeps[t] = NULL;
    int taken = count == 1 ? 0 : given_choice(count);
    while (taken < count && sleeps[candidates[taken]])
        taken++;
    const bool repeats = taken == count;
    struct footprint *here = tried[run->choices];
    if (count > 1)
        record_choice(count, repeats ? count - 1 : taken);
    if (repeats) {
        strcpy(run->verdict, REPEATED);
        _exit(0);
    }
    for (int i = 0; i < taken; i++)
        if (!sleeps[candidates[i]])
            sleeps[candidates[i]] = &here[i];
    begin_turn(count > 1 ? &here[taken] : &forced, threads[candidates[taken]].object);
    return taken;
}

/* The thread that gets the baton next. */
static int choose(void)
{
    int candidates[MAX_THREADS];
    int count = 0;
    for (int t = 0; t < thread_count; t++)
        if (can_go_on(&threads[t]))
            candidates[count++] = t;
    /* A deadline may pass at any moment. */
    for (int t = 0; t < thread_count; t++)
        if (!threads[t].finished && threads[t].timed && !can_go_on(&threads[t]))
            candidates[count++] = t;
    bool alive = false;
    for (int t = 0; t < thread_count; t++)
        alive |= !threads[t].finished;
    if (!alive)
        run_end(0); /* main() has left by pthread_exit() */
    for (int t = 0; t < thread_count && count == 0; t++)
        if (waits_in_loop(&threads[t]))
            candidates[count++] = t;
    if (count == 0)
        run_deadlock();
    return candidates[choose_among(candidates, count)];
}

bool schedule_coin(void)
{
    turn->everything = true; /* its turn is two */
    return record_choice(2, given_choice(2)) == 1;
}

static void take_baton(int thread)
{
    while (sem_wait(&batons[thread]) != 0)
        ; /* EINTR */
    running = thread;
}

static void pass_baton(int from)
{
    int next = choose();
    if (next == from)
        return;
    sem_post(&batons[next]);
    if (!threads[from].finished)
        take_baton(from);
}

void schedule_prepare(int thread)
{
    threads[thread].id = thread;
    threads[thread].object = &threads[thread]; /* its start concerns nobody else */
    sem_init(&batons[thread], 0, 0);
}

void schedule_start(int thread)
{
    take_baton(thread);
}

bool schedule(const void *object, bool (*ready)(const void *), const void *argument)
{
    struct thread *self = &threads[running];
    self->object = object;
    self->accesses = 0;
    self->ready = ready;
    self->argument = argument;
    pass_baton(self->id);
    bool in_time = can_go_on(self);
    self->ready = NULL;
    self->timed = false;
    changed();
    return in_time;
}

bool schedule_timed(const void *object, bool (*ready)(const void *), const void *argument)
{
    threads[running].timed = true;
    return schedule(object, ready, argument);
}

static unsigned changes_by_others(const struct thread *thread)
{
    return changes - thread->changes;
}

static bool others_changed(const void *look)
{
    return changes_by_others(&threads[((const struct look *)look)->thread]) !=
           ((const struct look *)look)->changes;
}

/* Does this look at the place repeat a round of some looks, and nothing has changed since? */
static bool loops(const struct look *look, uintptr_t place)
{
    for (int round = 1; round <= LONGEST_LOOP; round++) {
        bool same = look->last[round - 1].place == place && look->last[round - 1].changes == look->changes;
        for (int i = 1; i < round; i++)
            same &= look->last[i - 1].place == look->last[i - 1 + round].place;
        if (same)
            return true;
    }
    return false;
}

/* An act that may change nothing: a load, a failed compare-and-exchange, a sleep. The same one again
 * (or the same few) with nothing changed by others in between is a loop that waits; it goes on when
 * something has, or (it may also be a loop that counts) a bounded number of times when nobody else can
 * go on. */
void schedule_look(struct look *look, const void *object, uintptr_t place)
{
    struct thread *self = &threads[running];
    self->object = object;
    look->thread = running;
    look->changes = changes_by_others(self);
    const bool again = loops(look, place);
    for (int i = 0; i < LONGEST_LOOP; i++)
        if (look->last[i].place == place)
            turn->everything = true; /* any act of another thread before this one may let it go on */
    look->futile = again ? look->futile + 1 : 0;
    if (again || place != SLEEP) {
        self->ready = again ? others_changed : NULL;
        self->argument = look;
        pass_baton(self->id);
        self->ready = NULL;
    }
    memmove(&look->last[1], &look->last[0], sizeof look->last - sizeof look->last[0]);
    look->last[0].place = place;
    look->last[0].changes = changes_by_others(self);
}

/* The act has changed something after all. */
void changed(void)
{
    changes++;
    threads[running].changes++;
}

void schedule_finish(void)
{
    threads[running].finished = true;
    changed();
    pass_baton(running);
}

/* ---------------------------------------- explorer ---------------------------------------- */

/* PROGRESS: how far it is, for who waits: each second on a terminal, else a line every ten seconds. */
static void show_progress(int runs, int most)
{
    static struct timespec last;
    struct timespec now;
    const bool terminal = isatty(2) == 1, end = runs == 0;
    if (!getenv("PROGRESS"))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (last.tv_sec == 0)
        last = now;
    if (end && terminal)
        fprintf(stderr, "\r\033[K");
    if (end || now.tv_sec - last.tv_sec < (terminal ? 1 : 10))
        return;
    last = now;
    fprintf(stderr, terminal ? "\r%d runs of at most %d " : "%d runs of at most %d\n", runs, most);
}

/* One order, in a process of its own, which returns from here with true. */
static bool run_order(FILE *table)
{
    run->choices = 0;
    strcpy(run->verdict, "");
    fflush(NULL);
    pid_t child = fork();
    if (child < 0)
        run_stop("fork: %s", strerror(errno));
    if (child == 0) {
        fclose(table);
        int null = open("/dev/null", O_RDWR);
        for (int stream = 0; stream <= 2; stream++)
            dup2(null, stream);
        alarm(SECONDS_PER_ORDER);
        return true;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        ;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(run->verdict, sizeof run->verdict, "no end within %d s", SECONDS_PER_ORDER);
    else if (WIFSIGNALED(status) && run->verdict[0] == '\0')
        snprintf(run->verdict, sizeof run->verdict, "crash: %s", strsignal(WTERMSIG(status)));
    else if (run->verdict[0] == '\0')
        snprintf(run->verdict, sizeof run->verdict, "crash: left without a word");
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STOPPED) {
        show_progress(0, 0);
        fprintf(table, "stopped: %s\n", run->verdict);
        fclose(table);
        _exit(0);
    }
    return false;
}

static void write_order(FILE *table)
{
    fprintf(table, "%s\t%s\t%016llx\n", schedule_text(run), run->verdict, (unsigned long long)run->signature);
}

/* The last choice that has one left takes it; false if none has. */
static bool next_prefix(void)
{
    int last = run->choices - 1;
    while (last >= 0 && run->choice[last].taken + 1 == run->choice[last].from)
        last--;
    for (int i = 0; i <= last; i++)
        prefix[i] = run->choice[i].taken;
    if (last >= 0)
        prefix[last]++;
    prefix_length = last + 1;
    return last >= 0;
}

/* All orders; if that is too many (or REDUCE is set), only one of those that differ by swaps. */
static void explore(FILE *table, int bound)
{
    const int at_random = bound / 4;
    for (int pass = getenv("REDUCE") ? 1 : 0; pass <= 1; pass++) {
        int orders = 0, runs = 0;
        reducing = pass == 1;
        prefix_length = 0;
        do {
            if (run_order(table))
                return;
            if (strcmp(run->verdict, REPEATED) != 0) {
                orders++;
                write_order(table);
            }
            show_progress(pass * bound + runs + 1, 2 * bound + at_random);
        } while (next_prefix() && ++runs < bound);
        if (prefix_length == 0) {
            fprintf(table, reducing ? "reduced to %d orders\n" : "all %d orders\n", orders);
            break;
        }
        if (reducing) {
            /* Depth first has changed only the ends of the first order: some of all kinds besides. */
            reducing = false;
            for (int i = 1; i <= at_random; i++) {
                dice = (uint64_t)i;
                if (run_order(table))
                    return;
                write_order(table);
                show_progress(2 * bound + i, 2 * bound + at_random);
            }
            fprintf(table, "cut off after %d orders and %d at random\n", orders, at_random);
            break;
        }
        rewind(table);
        if (ftruncate(fileno(table), 0) != 0)
            run_stop("EXPLORE: %s", strerror(errno));
    }
    show_progress(0, 0);
    fclose(table);
    _exit(0);
}

/* Pages that no run writes to take no memory. */
static void *new_shared(size_t size)
{
    const int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED)
        run_stop("out of memory");
    return memory;
}

static void explore_into(const char *path)
{
    const char *given = getenv("ORDERS");
    FILE *table = fopen(path, "w");
    if (!table)
        run_stop("EXPLORE: %s: %s", path, strerror(errno));
    run = new_shared(sizeof *run);
    tried = new_shared(MAX_CHOICES * sizeof *tried);
    exploring = true;
    explore(table, given ? atoi(given) : MAX_ORDERS);
}

/* Before the constructors of the program and of the library: they run in each order anew. */
__attribute__((__constructor__(101))) static void begin(void)
{
    thread_count = 1;
    schedule_prepare(0);
    const char *schedule_given = getenv("SCHEDULE"), *table = getenv("EXPLORE");
    if (schedule_given) {
        for (const char *digit = schedule_given; *digit; digit++) {
            const char *found = strchr(digits, *digit);
            if (!found || prefix_length == MAX_CHOICES)
                run_stop("SCHEDULE=%s: expected what \"make explore\" prints, digits and letters, up to %d",
                         schedule_given, MAX_CHOICES);
            prefix[prefix_length++] = (unsigned short)(found - digits);
        }
    }
    if (table)
        explore_into(table);
}
