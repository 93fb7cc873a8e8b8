/* witness.c: what race-test asks of a process from inside it
 *
 * Whether it has ThreadSanitizer, whether it ended in order, where a thread stood that gave up the process
 * (abort, a trap, an exit with a status), and where all threads stand when it hangs. The answers go into the
 * folder that RACE_TEST_RUN names: witness.PID, a line each, and maps.PID, a copy of /proc/self/maps by which
 * race-test turns addresses into lines. What it forks writes into the same files, so a line tells whose it
 * is.
 *
 *     began shared|static PATH     ThreadSanitizer is there, as a shared library or part of the program
 *     ended PID STATUS             exit() was called, or main() has returned
 *     stack WHY PID TID PC...      exit, asked, or the number of a fatal signal; the innermost frame first
 *     waits TID CALL               asked, of a thread that takes turns: where it waits; "" if it could go on
 *     thread HANDLE                one that runs, or ran, by its pthread_t; the first is main's
 *     locals ADDRESS PATH          where main's thread-local variables of that file begin; those of other
 *                                  threads lie as far from their handles
 *
 * The handlers are set behind ThreadSanitizer's back: it would put them off until the thread calls it
 * next, which a blocked thread never does. So all they do is bare system calls and a walk up the stack, by
 * the unwinder that is linked into this object. In a process that race-test has not started it does nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

/* The question, and another for threads that block it. Nobody can block the other one, which is glibc's own;
 * but glibc takes it over when the program first cancels a thread. */
#define QUESTION    64
#define UNBLOCKABLE 32

static char witness_path[4096], maps_path[4096];

void witness_end_at_once(int status);
void witness_thread(void);
/* The scheduler's: the call in which the calling thread waits, "" if it could go on, NULL if it takes no
 * turns. */
extern const char *(*witness_waits_in)(void);
const char *(*witness_waits_in)(void);

/* ------------------------------------------------------------------------ system calls, bare */

static long bare(long number, long a, long b, long c, long d)
{
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
#else
    return syscall(number, a, b, c, d);
#endif
}

static long open_bare(const char *path, int flags)
{
    return bare(SYS_openat, AT_FDCWD, (long)(uintptr_t)path, flags | O_CLOEXEC, 0600);
}

static void write_bare(long fd, const char *text, size_t size)
{
    while (size > 0) {
        long done = bare(SYS_write, fd, (long)(uintptr_t)text, (long)size, 0);
        if (done <= 0)
            return;
        text += done;
        size -= (size_t)done;
    }
}

/* What the unwinder calls instead of libc's (the linker's --wrap): there, ThreadSanitizer's interceptor would
 * answer, which knows nothing of the moment, and in a thread of its own crashes. */
size_t __wrap_strlen(const char *text);
int __wrap_pthread_once(int *once, void (*init)(void));

size_t __wrap_strlen(const char *text)
{
    size_t length = 0;
    for (; text[length] != '\0'; length++)
        __asm__ volatile(""); /* or compilers make a call of strlen() of this */
    return length;
}

/* The unwinder's tables are the same however often they are filled in. */
int __wrap_pthread_once(int *once, void (*init)(void))
{
    if (__atomic_load_n(once, __ATOMIC_ACQUIRE) == 0) {
        init();
        __atomic_store_n(once, 1, __ATOMIC_RELEASE);
    }
    return 0;
}

/* -------------------------------------------------------------------------------------- lines */

/* Room for the addresses of the innermost 200 frames, or for a path. */
struct line {
    size_t length;
    int above; /* the next frames stand above a signal, and are not of interest */
    char text[200 * 17 + 100];
};

static void put_character(struct line *line, char character)
{
    /* The text is set as far as the length says; to clear the rest would be a call of memset(), TSan's. */
    /* cppcheck-suppress ctuuninitvar */
    if (line->length < sizeof line->text - 1) /* the last one is the end of the line */
        line->text[line->length++] = character;
}

static void put(struct line *line, const char *text)
{
    for (; *text != '\0'; text++)
        put_character(line, *text);
}

static void put_number(struct line *line, uint64_t number, unsigned base)
{
    char digits[20];
    size_t i = sizeof digits;
    do
        digits[--i] = "0123456789abcdef"[number % base];
    while ((number /= base) != 0);
    while (i < sizeof digits)
        put_character(line, digits[i++]);
}

static void put_process(struct line *line)
{
    put_number(line, (uint64_t)bare(SYS_getpid, 0, 0, 0, 0), 10);
    put_character(line, ' ');
}

/* One write of a whole line, so that those of several threads do not mix. */
static void write_line(struct line *line)
{
    long fd = open_bare(witness_path, O_WRONLY | O_CREAT | O_APPEND);
    if (fd < 0)
        return;
    line->text[line->length++] = '\n';
    write_bare(fd, line->text, line->length);
    bare(SYS_close, fd, 0, 0, 0);
}

static void copy_maps(void)
{
    static char buffer[1 << 14]; /* two threads that die at once mix the same text */
    long from = open_bare("/proc/self/maps", O_RDONLY), size;
    long to = open_bare(maps_path, O_WRONLY | O_CREAT | O_TRUNC);
    while (from >= 0 && to >= 0 &&
           (size = bare(SYS_read, from, (long)(uintptr_t)buffer, sizeof buffer, 0)) > 0)
        write_bare(to, buffer, (size_t)size);
    if (to >= 0)
        bare(SYS_close, to, 0, 0, 0);
    if (from >= 0)
        bare(SYS_close, from, 0, 0, 0);
}

/* ------------------------------------------------------------------------------------- stacks */

static _Unwind_Reason_Code put_frame(struct _Unwind_Context *context, void *line)
{
    int at_instruction = 0; /* rather than behind the call: where a signal came */
    uintptr_t pc = _Unwind_GetIPInfo(context, &at_instruction);
    struct line *stack = line;
    if (pc == 0 || stack->length > sizeof stack->text - 20)
        return _URC_END_OF_STACK;
    if (stack->above && !at_instruction)
        return _URC_NO_REASON;
    stack->above = 0;
    put_character(line, ' ');
    put_number(line, pc - !at_instruction, 16);
    return _URC_NO_REASON;
}

/* Of the calling thread; of what the signal has interrupted, if a handler calls. */
static void write_stack(const char *why, int number)
{
    struct line line;
    line.length = 0;
    line.above = number != 0;
    put(&line, "stack ");
    if (*why == '\0')
        put_number(&line, (uint64_t)number, 10);
    put(&line, why);
    put_character(&line, ' ');
    put_process(&line);
    put_number(&line, (uint64_t)bare(SYS_gettid, 0, 0, 0, 0), 10);
    _Unwind_Backtrace(put_frame, &line);
    write_line(&line);
}

static int (*sigaction_of_libc)(int number, const struct sigaction *action, struct sigaction *old);

/* Says where, and dies of the signal after all. */
static void on_fatal_signal(int number)
{
    copy_maps();
    write_stack("", number);
    struct sigaction fatal;
    fatal.sa_handler = SIG_DFL;
    fatal.sa_flags = 0;
    sigemptyset(&fatal.sa_mask);
    sigaction_of_libc(number, &fatal, NULL);
    bare(SYS_tgkill, bare(SYS_getpid, 0, 0, 0, 0), bare(SYS_gettid, 0, 0, 0, 0), number, 0);
}

static void write_wait(const char *call)
{
    struct line line;
    line.length = 0;
    put(&line, "waits ");
    put_number(&line, (uint64_t)bare(SYS_gettid, 0, 0, 0, 0), 10);
    put_character(&line, ' ');
    put(&line, call);
    write_line(&line);
}

/* A blocked thread is told to stay here: its call would else fail for the signal, and the program go on. */
static void on_question(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (number == QUESTION && !(info->si_code == SI_QUEUE && info->si_pid != bare(SYS_getpid, 0, 0, 0, 0))) {
        on_fatal_signal(number); /* the program's own */
        return;
    }
    const char *call = witness_waits_in ? witness_waits_in() : NULL;
    if (call)
        write_wait(call); /* first: the stack is the answer that is waited for */
    write_stack("asked", number);
    while (info->si_code == SI_QUEUE && info->si_value.sival_int == 1)
        bare(SYS_ppoll, 0, 0, 0, 0);
}

static void on_end(int status, void *unused)
{
    (void)unused;
    struct line line;
    line.length = 0;
    put(&line, "ended ");
    put_process(&line);
    put_number(&line, (uint64_t)(status & 0xff), 10);
    write_line(&line);
    if ((status & 0xff) != 0) {
        copy_maps();
        write_stack("exit", 0);
    }
}

/* An end at which no handler of exit() runs: _exit() and quick_exit(). */
void witness_end_at_once(int status)
{
    if (*witness_path != '\0' && (status & 0xff) != 0) {
        copy_maps();
        write_stack("exit", 0);
    }
}

/* ---------------------------------------------------------------------- thread-local variables */

/* Whose thread-local variable lies at an address: reports do not tell. Handles are used again, and told once;
 * of those that share a slot, again. */
void witness_thread(void)
{
    static uintptr_t told[1024];
    const uintptr_t handle = (uintptr_t)pthread_self();
    uintptr_t *slot = &told[(handle >> 12) % (sizeof told / sizeof *told)];
    if (*witness_path == '\0' || __atomic_exchange_n(slot, handle, __ATOMIC_RELAXED) == handle)
        return;
    struct line line;
    line.length = 0;
    put(&line, "thread ");
    put_number(&line, handle, 16);
    write_line(&line);
}

static int write_locals(struct dl_phdr_info *module, size_t size, void *program)
{
    if (size < sizeof *module || !module->dlpi_tls_data)
        return 0;
    struct line line;
    line.length = 0;
    put(&line, "locals ");
    put_number(&line, (uint64_t)(uintptr_t)module->dlpi_tls_data, 16);
    put_character(&line, ' ');
    put(&line, *module->dlpi_name ? module->dlpi_name : program);
    write_line(&line);
    return 0;
}

/* -------------------------------------------------------------------------------------- begin */

static void set_handler(int number, const struct sigaction *action)
{
    struct sigaction old;
    if (sigaction_of_libc(number, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        sigaction_of_libc(number, action, NULL);
}

static void set_handlers(void)
{
    struct sigaction action;
    sigfillset(&action.sa_mask);
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    action.sa_sigaction = on_question;
    set_handler(QUESTION, &action);
    /* glibc keeps that one for itself, but not from the kernel: set what it has set for the other. */
    char kernel_action[256];
    bare(SYS_rt_sigaction, QUESTION, 0, (long)(uintptr_t)kernel_action, 8);
    bare(SYS_rt_sigaction, UNBLOCKABLE, (long)(uintptr_t)kernel_action, 0, 8);

    action.sa_flags = 0;
    action.sa_handler = on_fatal_signal;
    /* Those that ThreadSanitizer leaves alone, and that say something of the thread that they come to. */
    const int fatal[] = {SIGABRT, SIGILL, SIGTRAP, SIGSYS, SIGPIPE};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        set_handler(fatal[i], &action);
}

static void name_file(char *path, size_t room, const char *folder, const char *name)
{
    struct line pid;
    pid.length = 0;
    put_number(&pid, (uint64_t)bare(SYS_getpid, 0, 0, 0, 0), 10);
    pid.text[pid.length] = '\0';
    size_t length = 0;
    for (const char *parts[] = {folder, name, pid.text, NULL}, **part = parts; *part; part++)
        for (const char *at = *part; *at != '\0' && length < room - 1; at++)
            path[length++] = *at;
    path[length] = '\0';
}

static void write_beginning(int is_shared, char program[4096])
{
    static const char itself[] = "/proc/self/exe";
    long size = bare(SYS_readlinkat, AT_FDCWD, (long)(uintptr_t)itself, (long)(uintptr_t)program, 4095);
    program[size > 0 ? size : 0] = '\0';
    struct line line;
    line.length = 0;
    put(&line, is_shared ? "began shared " : "began static ");
    put(&line, program);
    write_line(&line);
    copy_maps();
}

__attribute__((__constructor__)) static void begin(void)
{
    const char *folder = getenv("RACE_TEST_RUN");
    void (*init)(void) = (void (*)(void))(uintptr_t)dlsym(RTLD_DEFAULT, "__tsan_init");
    if (!folder || !init)
        return;
    init(); /* it may not have been its turn yet, and nothing of it must be called before; again is harmless
             */
    name_file(witness_path, sizeof witness_path, folder, "/witness.");
    name_file(maps_path, sizeof maps_path, folder, "/maps.");
    char program[4096];
    write_beginning(dlsym(RTLD_NEXT, "__tsan_init") != NULL, program);
    if (getenv("RACE_TEST_ASK")) /* only the runtime's words about its options are wanted */
        bare(SYS_exit_group, 0, 0, 0, 0);
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (!libc)
        return;
    sigaction_of_libc =
        (int (*)(int, const struct sigaction *, struct sigaction *))(uintptr_t)dlsym(libc, "sigaction");
    int (*at_end)(void (*)(int, void *), void *) =
        (int (*)(void (*)(int, void *), void *))(uintptr_t)dlsym(libc, "on_exit");
    int (*visit)(int (*)(struct dl_phdr_info *, size_t, void *), void *) =
        (int (*)(int (*)(struct dl_phdr_info *, size_t, void *), void *))(uintptr_t)dlsym(libc,
                                                                                          "dl_iterate_phdr");
    if (!sigaction_of_libc || !at_end || !visit)
        return;
    witness_thread();
    visit(write_locals, program);
    set_handlers();
    at_end(on_end, NULL);
}
