/* Processes that panic, or must not: the rules of the contract, broken one by one. */
#define _GNU_SOURCE
#include "child.h"
#include "sema.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void negative(char **unused)
{
    (void)unused;
    waitgroup_done(&wg);
}

static void overflow(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, INT32_MAX);
    waitgroup_add(&wg, 1);
}

static void *panic_cancelled(void *unused)
{
    (void)unused;
    pthread_cancel(pthread_self());
    waitgroup_done(&wg);
    return NULL;
}

static void negative_cancelled(char **unused)
{
    (void)unused;
    pthread_join(start(panic_cancelled), NULL);
}

static void negative_unheard(char **unused)
{
    close(STDERR_FILENO);
    negative(unused);
}

/* Between a panic's message and the end of the process: holds the first one there until no other thread
 * has anything left to say. */
static void (*on_abort)(int);

static void delay_abort(int number)
{
    static int entered;
    if (__atomic_exchange_n(&entered, 1, __ATOMIC_RELAXED))
        for (;;)
            pause();
    await_sleep_of_the_others();
    signal(number, on_abort); /* which is to be told when coverage is measured */
    raise(number);
}

static void *panic_with_others(void *number)
{
    announce(number);
    waitgroup_done(&wg);
    return NULL;
}

static void negative_in_several(char **unused)
{
    (void)unused;
    on_abort = signal(SIGABRT, delay_abort);
    for (int i = 0; i < SEVERAL; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, panic_with_others, &thread_ids[i]) != 0)
            _exit(97);
    }
    for (;;)
        pause();
}

static void panic_again(int number)
{
    (void)number;
    waitgroup_add(&other, -2);
}

static void negative_again(char **unused)
{
    signal(SIGABRT, panic_again);
    negative(unused);
}

static void misuse(char **unused)
{
    (void)unused;
    wg.state = 1; /* what others see while a release is in flight */
    waitgroup_add(&wg, 1);
}

/* A round that begins while the wait of the one before is still on its way out cannot be forced from
 * outside; what the wait then finds can: a ticket, and a word that is not zero. */
static void *begin_next_round(void *unused)
{
    (void)unused;
    await_waiter();
    __atomic_store_n(&wg.state, UINT64_C(1) << 32, __ATOMIC_RELAXED);
    waitgroup_sema_release_(&wg.sema, 1);
    return NULL;
}

static void reused(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, 1);
    start(begin_next_round);
    waitgroup_wait(&wg);
}

static void no_group(char **unused)
{
    (void)unused;
    waitgroup_wait(NULL);
}

/* From here on the kernel refuses to sleep on a futex in the way of the library (libc has another). */
static void forbid_futex(void)
{
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_BITSET_PRIVATE, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {sizeof instructions / sizeof *instructions, instructions};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        perror("seccomp");
        _exit(96);
    }
}

static void futex_refused(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, 1);
    forbid_futex();
    waitgroup_wait(&wg);
}

static void copied(char **unused)
{
    (void)unused;
    waitgroup_add(&wg, 1);
    memcpy(&other, &wg, sizeof other);
    waitgroup_done(&other);
}

static void copied_and_forgotten(char **unused)
{
    (void)unused;
    /* More groups than the library remembers in full come between. */
    static waitgroup_t many[1 << 20];
    waitgroup_add(&wg, 1);
    memcpy(&other, &wg, sizeof other);
    for (int i = 0; i < 1 << 20; i++)
        waitgroup_wait(&many[i]);
    waitgroup_done(&other);
}

static void not_copied(char **unused)
{
    (void)unused;
    waitgroup_t local = WAITGROUP_INIT;
    waitgroup_wait(&local);
    memcpy(&other, &wg, sizeof other); /* not used yet: no harm */
    waitgroup_add(&other, 1);
    waitgroup_done(&other);
    waitgroup_wait(&other);
    memset(&other, 0, sizeof other); /* zero bytes are a new group */
    memcpy(&wg, &other, sizeof wg);
    waitgroup_wait(&wg);
    puts("ok");
}

/* Not static: libc's backtrace names it by the dynamic symbols. */
void count_down_itself(void *unused);
void count_down_itself(void *unused)
{
    (void)unused;
    waitgroup_done(&wg);
}

static void negative_after_the_task(char **unused)
{
    (void)unused;
    if (waitgroup_go(&wg, count_down_itself, NULL) == 0)
        for (;;) /* pthread_exit() would take /proc/self/exe away, out of which gcc's runtimes read names */
            pause();
}

const struct scenario panic_scenarios[] = {
    {"negative", negative},
    {"negative-cancelled", negative_cancelled},
    {"negative-unheard", negative_unheard},
    {"negative-in-several", negative_in_several},
    {"negative-again", negative_again},
    {"negative-after-the-task", negative_after_the_task},
    {"overflow", overflow},
    {"misuse", misuse},
    {"reused", reused},
    {"null", no_group},
    {"futex-refused", futex_refused},
    {"copied", copied},
    {"copied-and-forgotten", copied_and_forgotten},
    {"not-copied", not_copied},
    {NULL, NULL},
};
