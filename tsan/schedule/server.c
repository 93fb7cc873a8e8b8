/* The fork server: this process stays as it was before main(), each run is a child of it. */
#define _GNU_SOURCE
#include "clock.h"
#include "module.h"
#include "server.h"
#include "thread.h"
#include "turn.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

pid_t _Fork(void); /* glibc's: no handlers run, and TSan does not intercept it */

static int commands, answers;

static _Noreturn void leave(void)
{
    for (;;)
        REAL(SYS_exit_group, 0);
}

static void answer(int process, int status)
{
    const struct schedule_answer given = {process, status};
    if (REAL(SYS_write, answers, &given, sizeof given) != sizeof given)
        leave();
}

static void refuse(const char *why)
{
    real_text(shared->refused, sizeof shared->refused, why);
    answer((int)REAL(SYS_getpid, 0), -1);
    leave();
}

/* "SHARED,COMMANDS,ANSWERS" */
static bool parse(const char *text, int numbers[3])
{
    for (int i = 0; i < 3; i++) {
        if (*text < '0' || *text > '9')
            return false;
        for (numbers[i] = 0; *text >= '0' && *text <= '9'; text++)
            numbers[i] = numbers[i] * 10 + (*text - '0');
        if (*text++ != (i < 2 ? ',' : '\0'))
            return false;
    }
    return true;
}

static void map(int file)
{
    const long memory = REAL(SYS_mmap, 0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file);
    if (memory < 0 && memory > -4096) {
        real_say("libracetest-schedule: cannot map the file that RACE_TEST_SCHEDULE names\n");
        leave();
    }
    shared = (struct schedule_shared *)memory;
    shared->magic = SCHEDULE_MAGIC;
    shared->version = SCHEDULE_VERSION;
    shared->size = sizeof *shared;
    shared->server = (int)REAL(SYS_getpid, 0);
    shared->kind_count = KIND_COUNT;
    static const char *const names[] = {
#define NAME(name, text) text,
        SCHEDULE_KINDS(NAME)
#undef NAME
    };
    for (int kind = 0; kind < KIND_COUNT; kind++)
        real_text(shared->kinds[kind], sizeof shared->kinds[kind], names[kind]);
}

/* What the program starts is not to be controlled. */
static void forget_environment(void)
{
    const char *preload = getenv("LD_PRELOAD");
    unsetenv("RACE_TEST_SCHEDULE");
    if (!preload)
        return;
    static char kept[4096];
    for (const char *at = preload; *at;) {
        const char *end = at;
        bool ours = false;
        for (; *end && *end != ':' && *end != ' '; end++)
            ours |= end[0] == 'l' && server_is_named(end);
        char item[1024];
        real_text(item, (size_t)(end - at) + 1 < sizeof item ? (size_t)(end - at) + 1 : sizeof item, at);
        if (!ours && item[0]) {
            if (kept[0])
                real_append(kept, sizeof kept, ":");
            real_append(kept, sizeof kept, item);
        }
        at = *end ? end + 1 : end;
    }
    if (kept[0])
        setenv("LD_PRELOAD", kept, 1);
    else
        unsetenv("LD_PRELOAD");
}

bool server_is_named(const char *text)
{
    const char *name = "libracetest-schedule.so";
    while (*name && *name == *text)
        name++, text++;
    return *name == '\0';
}

static void clear_result(void)
{
    struct schedule_result *result = &shared->result;
    const uint64_t orders = result->orders;
    real_clear(result, offsetof(struct schedule_result, starts));
    result->orders = orders;
}

/* ci/race-test/witness.c: what it tells of a run that does not end. */
extern const char *(*witness_waits_in)(void);

static const char *waits_in(void)
{
    if (!self || self->outside)
        return NULL;
    return turn_can_go_on(self) ? "" : self->call;
}

static void begin_run(void)
{
    witness_waits_in = waits_in;
    REAL(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    REAL(SYS_setpgid, 0, 0);
    REAL(SYS_close, commands);
    REAL(SYS_close, answers);
    shared->result.process = (int)REAL(SYS_getpid, 0);
    if (shared->request.strategy == SCHEDULE_ORDERS)
        orders_begin_run();
    access_begin();
    turn_begin();
    thread_begin_main();
}

/* Until the child has ended; if the driver goes away first, the child goes too. */
static int wait_for(int child)
{
    const long watched = REAL(SYS_pidfd_open, child, 0);
    int status = 0;
    for (;;) {
        struct pollfd both[2] = {{(int)watched, POLLIN, 0}, {commands, 0, 0}};
        if (watched >= 0 && REAL(SYS_ppoll, both, 2, 0, 0, 8) > 0 && (both[1].revents & (POLLHUP | POLLERR)))
            REAL(SYS_kill, child, SIGKILL);
        if (REAL(SYS_wait4, child, &status,
                 watched >= 0 && !both[0].revents && !both[1].revents ? WNOHANG : 0, 0) == child)
            break;
    }
    if (watched >= 0)
        REAL(SYS_close, watched);
    return status;
}

void server_run(void)
{
    answer((int)REAL(SYS_getpid, 0), 0);
    for (;;) {
        char byte;
        if (REAL(SYS_read, commands, &byte, 1) != 1)
            leave();
        clear_result();
        if (shared->request.strategy == SCHEDULE_ORDERS && shared->request.first_order)
            orders_first();
        const int child = _Fork();
        if (child == 0) {
            begin_run();
            return;
        }
        if (child < 0)
            refuse("fork: no more processes");
        shared->result.process = child;
        const int status = wait_for(child);
        if (shared->result.outcome == OUTCOME_RUNNING && WIFEXITED(status) && shared->result.ending)
            shared->result.outcome = OUTCOME_ENDED;
        if (shared->request.strategy == SCHEDULE_ORDERS)
            orders_next();
        if (shared->result.choices > shared->learnt.choices)
            shared->learnt.choices = shared->result.choices;
        answer(child, status);
    }
}

void server_start(const char *environment)
{
    int numbers[3];
    if (!parse(environment, numbers)) {
        real_say("libracetest-schedule: RACE_TEST_SCHEDULE: expected three descriptors\n");
        leave();
    }
    commands = numbers[1];
    answers = numbers[2];
    map(numbers[0]);
    REAL(SYS_close, numbers[0]);
    forget_environment();
    void (*tsan_start)(void) = (void (*)(void))(uintptr_t)dlsym(RTLD_NEXT, "__tsan_init");
    if (!tsan_start)
        refuse(dlsym(RTLD_DEFAULT, "__tsan_init") ? "ThreadSanitizer's runtime is part of the program: link "
                                                    "with -shared-libsan (clang; the objects "
                                                    "stay as they are), or without -static-libtsan (gcc)"
                                                  : "the program is not built with -fsanitize=thread");
    tsan_start();
    module_silence("__tsan_init");
    module_silence("_Unwind_Backtrace");
    thread_prepare();
    orders_prepare();
    clock_begin();
    call_prepare();
}
