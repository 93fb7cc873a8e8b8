/* A group on the stack of a function that returns while a thread still has its address. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <unistd.h>
#include <waitgroup.h>

struct job {
    int n;
    waitgroup_t *group;
};
struct pool {
    int n;
    waitgroup_t group;
};
static sem_t finished;
int ready(void);
void wait_for(waitgroup_t *wg);
void keep(struct pool *p);

static void *task(void *arg)
{
    waitgroup_done(arg);
    return NULL;
}
static void *job_task(void *arg)
{
    struct job *j = arg;
    waitgroup_done(j->group);
    return NULL;
}
static void *pool_task(void *arg)
{
    struct pool *p = arg;
    waitgroup_done(&p->group);
    return NULL;
}
static int c11_task(void *arg)
{
    waitgroup_done(arg);
    return 0;
}
static void go_task(void *arg)
{
    (void)arg;
}

/* ---- bad ---- */
void never_waits(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    pthread_detach(t);
}
int leaves_early(void)
{
    pthread_t t;
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, task, &wg) != 0)
        return -1;
    if (!ready())
        return -1;
    waitgroup_wait(&wg);
    return 0;
}
int second_fails(void)
{
    pthread_t t, u;
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 2);
    if (pthread_create(&t, NULL, task, &wg) != 0)
        return -1;
    if (pthread_create(&u, NULL, task, &wg) != 0)
        return -1;
    waitgroup_wait(&wg);
    return 0;
}
int second_fails_by_result(void)
{
    pthread_t t, u;
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    int failed;
    waitgroup_add(&wg, 2);
    failed = pthread_create(&t, NULL, task, &wg);
    if (failed)
        return failed;
    failed = pthread_create(&u, NULL, task, &wg);
    if (failed)
        return failed;
    waitgroup_wait(&wg);
    return 0;
}
int fails_in_a_loop(int n)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    for (int i = 0; i < n; i++) {
        if (waitgroup_go(&wg, go_task, NULL) != 0) {
            perror("thread");
            return -1;
        }
    }
    waitgroup_wait(&wg);
    return 0;
}
void in_a_struct(void)
{
    struct pool p = {1, WAITGROUP_INIT}; // want: stack-group
    pthread_t t;
    waitgroup_add(&p.group, 1);
    pthread_create(&t, NULL, pool_task, &p);
}
void pointed_to(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    struct job j = {1, &wg};
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, job_task, &j);
}
void pointed_to_from_the_heap(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    struct job *j = malloc(sizeof *j);
    pthread_t t;
    j->group = &wg;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, job_task, j);
}
int gives_up(const struct timespec *deadline)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    thrd_t t;
    waitgroup_add(&wg, 1);
    thrd_create(&t, c11_task, &wg);
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, deadline) == ETIMEDOUT)
        return -1;
    return 0;
}
void *leaves_the_thread(void *arg)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    if (arg)
        pthread_exit(NULL);
    waitgroup_wait(&wg);
    return NULL;
}
static void spawn(void *(*routine)(void *), void *arg)
{
    pthread_t t;
    pthread_create(&t, NULL, routine, arg);
}
void spawns(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    spawn(task, &wg);
}
void several(void)
{
    waitgroup_t wg[2] = {WAITGROUP_INIT, WAITGROUP_INIT}; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg[0], 1);
    pthread_create(&t, NULL, task, &wg[0]);
}
int waits_on_one_way(int n)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    if (n == 1) {
        waitgroup_wait(&wg);
        return 1;
    }
    if (n == 2)
        return 2;
    waitgroup_wait(&wg);
    return 0;
}

/* ---- good ---- */
int waits(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    if (!ready())
        return -1;
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, task, &wg) != 0)
        return -1;
    waitgroup_wait(&wg);
    if (!ready())
        return -1;
    return 0;
}
int fails_by_result(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    int failed = pthread_create(&t, NULL, task, &wg);
    if (failed) {
        fprintf(stderr, "no thread\n");
        return failed;
    }
    waitgroup_wait(&wg);
    return 0;
}
int fails_by_assigned_result(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int failed;
    failed = waitgroup_go(&wg, go_task, NULL);
    if (failed != 0)
        return failed;
    waitgroup_wait(&wg);
    return 0;
}
int waits_on_every_way(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < n; i++) {
        if (waitgroup_go(&wg, go_task, NULL) != 0) {
            waitgroup_wait(&wg);
            return -1;
        }
    }
    if (!ready()) {
        waitgroup_wait(&wg);
        return -1;
    }
    waitgroup_wait(&wg);
    return 0;
}
int goes_to_the_wait(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int failed = 0;
    for (int i = 0; i < n; i++) {
        if (waitgroup_go(&wg, go_task, NULL) != 0) {
            failed = -1;
            goto out;
        }
    }
    printf("all started\n");
out:
    waitgroup_wait(&wg);
    return failed;
}
void breaks(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < n; i++)
        if (waitgroup_go(&wg, go_task, NULL) != 0)
            break;
    waitgroup_wait(&wg);
}
void joins(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    pthread_join(t, NULL);
}
void waits_by_semaphore(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    sem_wait(&finished);
}
void waits_elsewhere(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    wait_for(&wg);
}
static void finish(waitgroup_t *wg)
{
    printf("waiting\n");
    waitgroup_wait(wg);
}
void waits_by_helper(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    finish(&wg);
}
void waits_by_pointer(void)
{
    waitgroup_t wg = WAITGROUP_INIT, *p = &wg;
    pthread_t t;
    waitgroup_add(p, 1);
    pthread_create(&t, NULL, task, p);
    waitgroup_wait(p);
}
void is_static(void)
{
    static waitgroup_t wg;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
}
void is_given(waitgroup_t *wg)
{
    pthread_t t;
    waitgroup_add(wg, 1);
    pthread_create(&t, NULL, task, wg);
}
waitgroup_t *is_allocated(void)
{
    waitgroup_t *wg = calloc(1, sizeof *wg);
    pthread_t t;
    waitgroup_add(wg, 1);
    pthread_create(&t, NULL, task, wg);
    return wg;
}
void not_handed(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
}
void serves(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    for (;;)
        pause();
}
void tries_again(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    struct timespec soon = {0, 0};
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    while (waitgroup_clockwait(&wg, CLOCK_REALTIME, &soon) == ETIMEDOUT)
        printf("still waiting\n");
}
int waits_then_tries_the_rest(const struct timespec *deadline)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, deadline) == 0)
        return 0;
    printf("late\n");
    waitgroup_wait(&wg);
    return -1;
}
void fatal(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, task, &wg);
    exit(ready());
}
struct holder {
    struct pool *pool;
};
void of_another_object(struct pool *p)
{
    struct holder h = {p};
    pthread_t t;
    waitgroup_add(&h.pool->group, 1);
    pthread_create(&t, NULL, pool_task, h.pool);
}
int main(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, task, &wg) != 0)
        return 1;
    if (!ready())
        return 1;
    waitgroup_wait(&wg);
    return 0;
}
