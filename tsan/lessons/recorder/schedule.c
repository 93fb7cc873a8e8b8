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
#include <unistd.h>

enum { EXIT_RACE = 66, EXIT_DEADLOCK = 67, EXIT_STOPPED = 70, MAX_ORDERS = 20000, MAX_FUTILE_LOOKS = 100, SECONDS_PER_ORDER = 20 };

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
static bool exploring;
static unsigned changes; /* acts so far that could let somebody else go on */

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
    if (count == 1)
        return candidates[0];
    if (run->choices == MAX_CHOICES)
        run_stop("more than %d choices in one run: too long for a lesson, or without end", MAX_CHOICES);
    int taken = run->choices < prefix_length ? prefix[run->choices] : 0;
    if (exploring && count > (int)sizeof digits - 1)
        run_stop("more than %d threads can go on at once: too many to explore", (int)sizeof digits - 1);
    if (taken >= count)
        run_stop("SCHEDULE: choice %d picks %d, but only %d threads can go on there", run->choices + 1, taken, count);
    run->choice[run->choices].taken = (unsigned short)taken;
    run->choice[run->choices].from = (unsigned short)count;
    run->choices++;
    return candidates[taken];
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
    sem_init(&batons[thread], 0, 0);
}

void schedule_start(int thread)
{
    take_baton(thread);
}

bool schedule(bool (*ready)(const void *), const void *argument)
{
    struct thread *self = &threads[running];
    self->ready = ready;
    self->argument = argument;
    pass_baton(self->id);
    bool in_time = can_go_on(self);
    self->ready = NULL;
    self->timed = false;
    changed();
    return in_time;
}

bool schedule_timed(bool (*ready)(const void *), const void *argument)
{
    threads[running].timed = true;
    return schedule(ready, argument);
}

static unsigned changes_by_others(const struct thread *thread)
{
    return changes - thread->changes;
}

static bool others_changed(const void *look)
{
    return changes_by_others(&threads[((const struct look *)look)->thread]) != ((const struct look *)look)->changes;
}

/* An act that may change nothing: a load, a failed compare-and-exchange, a sleep. The same one again
 * with nothing changed by others in between is a loop that waits; it goes on when something has, or
 * (it may also be a loop that counts) a bounded number of times when nobody else can go on. */
void schedule_look(struct look *look, uintptr_t place)
{
    struct thread *self = &threads[running];
    look->thread = running;
    bool again = look->place == place && !others_changed(look);
    look->futile = again ? look->futile + 1 : 0;
    if (again || place != SLEEP) {
        self->ready = again ? others_changed : NULL;
        self->argument = look;
        pass_baton(self->id);
        self->ready = NULL;
    }
    look->place = place;
    look->changes = changes_by_others(self);
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

static void explore(const char *path)
{
    FILE *table = fopen(path, "w");
    if (!table)
        run_stop("EXPLORE: %s: %s", path, strerror(errno));
    const char *bound = getenv("ORDERS");
    int orders = bound ? atoi(bound) : MAX_ORDERS;
    exploring = true;
    run = mmap(NULL, sizeof *run, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run == MAP_FAILED)
        run_stop("out of memory");
    for (int order = 0;; order++) {
        if (order == orders) {
            fprintf(table, "cut off after %d orders\n", orders);
            break;
        }
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
            return;
        }
        int status = 0;
        while (waitpid(child, &status, 0) < 0)
            ;
        if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STOPPED) {
            fprintf(table, "stopped: %s\n", run->verdict);
            break;
        }
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
            snprintf(run->verdict, sizeof run->verdict, "no end within %d s", SECONDS_PER_ORDER);
        else if (run->verdict[0] == '\0')
            snprintf(run->verdict, sizeof run->verdict, "crash: %s",
                     WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "left without a word");
        fprintf(table, "%s\t%s\t%016llx\n", schedule_text(run), run->verdict, (unsigned long long)run->signature);

        int last = run->choices - 1;
        while (last >= 0 && run->choice[last].taken + 1 == run->choice[last].from)
            last--;
        if (last < 0) {
            fprintf(table, "all %d orders\n", order + 1);
            break;
        }
        for (int i = 0; i <= last; i++)
            prefix[i] = run->choice[i].taken;
        prefix[last]++;
        prefix_length = last + 1;
    }
    fclose(table);
    _exit(0);
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
                run_stop("SCHEDULE: expected up to %d digits, got \"%s\"", MAX_CHOICES, schedule_given);
            prefix[prefix_length++] = (unsigned short)(found - digits);
        }
    }
    if (table)
        explore(table);
}
