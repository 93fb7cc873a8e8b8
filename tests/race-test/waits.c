/* A program that hangs, by the call that its argument names: what race-test says of each. */
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <semaphore.h>
#include <threads.h>
#include <unistd.h>

static waitgroup_t group;
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t semaphore;
static mtx_t c11_mutex;
static int ends[2];
static volatile int never;

static struct timespec far_away(clockid_t clock)
{
    struct timespec until;
    clock_gettime(clock, &until);
    until.tv_sec += 1000;
    return until;
}

static void *sleep_forever(void *arg)
{
    for (;;)
        pause();
    return arg;
}

/* ---------------------------------------------------------------- one function for each call */

static void in_mutex_lock(void)
{
    pthread_mutex_lock(&first);
}
static void in_mutex_timedlock(void)
{
    struct timespec until = far_away(CLOCK_REALTIME);
    pthread_mutex_timedlock(&first, &until);
}
static void in_rdlock(void)
{
    pthread_rwlock_rdlock(&rwlock);
}
static void in_wrlock(void)
{
    pthread_rwlock_wrlock(&rwlock);
}
static void in_cond_wait(void)
{
    pthread_mutex_lock(&second);
    pthread_cond_wait(&condition, &second);
}
static void in_cond_timedwait(void)
{
    struct timespec until = far_away(CLOCK_REALTIME);
    pthread_mutex_lock(&second);
    pthread_cond_timedwait(&condition, &second, &until);
}
static void in_sem_wait(void)
{
    sem_wait(&semaphore);
}
static void in_sem_timedwait(void)
{
    struct timespec until = far_away(CLOCK_REALTIME);
    sem_timedwait(&semaphore, &until);
}
static void in_barrier_wait(void)
{
    pthread_barrier_wait(&barrier);
}
static void in_join(void)
{
    pthread_join(start_thread(sleep_forever, NULL), NULL);
}
static void in_once(void)
{
    pthread_once(&once, in_sem_wait);
}
static void in_waitgroup_wait(void)
{
    waitgroup_add(&group, 1);
    waitgroup_wait(&group);
}
static void in_waitgroup_clockwait(void)
{
    struct timespec until = far_away(CLOCK_MONOTONIC);
    waitgroup_add(&group, 1);
    if (waitgroup_clockwait(&group, CLOCK_MONOTONIC, &until) != 0)
        exit(1);
}
static void in_sleep(void)
{
    sleep(1000);
}
static void in_nanosleep(void)
{
    struct timespec time = {1000, 0};
    nanosleep(&time, NULL);
}
static void in_read(void)
{
    char byte;
    if (read(ends[0], &byte, 1) != 1)
        exit(1);
}
static void in_write(void)
{
    static char block[1 << 16];
    while (write(ends[1], block, sizeof block) > 0)
        ;
}
static void in_poll(void)
{
    struct pollfd poll_of = {ends[0], POLLIN, 0};
    poll(&poll_of, 1, -1);
}
static void in_select(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    select(ends[0] + 1, &set, NULL, NULL, NULL);
}
static void in_epoll_wait(void)
{
    struct epoll_event event;
    epoll_wait(epoll_create1(0), &event, 1, -1);
}
static void in_recv(void)
{
    int pair[2];
    char byte;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0)
        recv(pair[0], &byte, 1, 0);
}
static void in_accept(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener, 1);
    accept(listener, NULL, NULL);
}
static void in_waitpid(void)
{
    pid_t child = fork();
    if (child == 0)
        sleep_forever(NULL);
    waitpid(child, NULL, 0);
}
static void in_sigwait(void)
{
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigwait(&set, &number);
}
static void in_pause(void)
{
    pause();
}
static void in_flock(void)
{
    const char *path = "/proc/self/exe";
    flock(open(path, O_RDONLY), LOCK_EX);
    flock(open(path, O_RDONLY), LOCK_EX);
}
static void in_mtx_lock(void)
{
    mtx_lock(&c11_mutex);
}
static void in_loop(void)
{
    while (!never)
        ;
}
static __attribute__((__no_sanitize__("thread"))) void in_unseen_loop(void)
{
    while (!never)
        ;
}
static void in_naps(void)
{
    while (!never)
        usleep(100000);
}

static const struct {
    const char *name;
    void (*wait)(void);
} waits[] = {
#define WAIT(name) {#name, in_##name},
    WAIT(mutex_lock) WAIT(mutex_timedlock) WAIT(rdlock) WAIT(wrlock) WAIT(cond_wait) WAIT(cond_timedwait)
        WAIT(sem_wait) WAIT(sem_timedwait) WAIT(barrier_wait) WAIT(join) WAIT(once) WAIT(waitgroup_wait)
            WAIT(waitgroup_clockwait) WAIT(sleep) WAIT(nanosleep) WAIT(read) WAIT(write) WAIT(poll)
                WAIT(select) WAIT(epoll_wait) WAIT(recv) WAIT(accept) WAIT(waitpid) WAIT(sigwait) WAIT(pause)
                    WAIT(flock) WAIT(mtx_lock) WAIT(loop) WAIT(unseen_loop) WAIT(naps)};

/* Holds what others wait for. It blocks all signals, as threads of servers do. */
static void *hold(void *ready)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_mutex_lock(&first);
    pthread_rwlock_wrlock(&rwlock);
    mtx_lock(&c11_mutex);
    sem_post(ready);
    sem_wait(&semaphore);
    return ready;
}

static void *lock_without_main(void *arg)
{
    pthread_mutex_lock(&first);
    return arg;
}

/* The first thread of a process may leave before the others. */
static void leave_main(void)
{
    start_thread(lock_without_main, NULL);
    pthread_exit(NULL);
}

/* In a session of its own, so that nobody finds the child by its parent. */
static void leave_main_of_a_child(void)
{
    if (fork() == 0) {
        setsid();
        leave_main();
    }
    pause();
}

static void *cancelled(void *arg)
{
    return sleep_forever(arg);
}

int main(int argc, char **argv)
{
    sem_t ready;
    sem_init(&ready, 0, 0);
    sem_init(&semaphore, 0, 0);
    mtx_init(&c11_mutex, mtx_plain);
    pthread_barrier_init(&barrier, NULL, 2);
    if (pipe(ends) != 0)
        return 1;
    pthread_t victim =
        start_thread(cancelled, NULL); /* with this, glibc takes over the signal that it keeps for itself */
    pthread_cancel(victim);
    pthread_join(victim, NULL);
    start_thread(hold, &ready);
    sem_wait(&ready);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (argc > 1 && strcmp(argv[1], waits[i].name) == 0)
            waits[i].wait();
    if (argc > 1 && strcmp(argv[1], "main-gone") == 0)
        leave_main();
    if (argc > 1 && strcmp(argv[1], "child's-main-gone") == 0)
        leave_main_of_a_child();
    return 4;
}
