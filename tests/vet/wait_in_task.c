/* A wait by a task that the group counts: it waits for itself. */
#include <pthread.h>
#include <stdio.h>
#include <threads.h>
#include <waitgroup.h>

struct pool {
    int n;
    waitgroup_t group;
    waitgroup_t gate;
};
struct job {
    int n;
    struct pool *pool;
    waitgroup_t *group;
    waitgroup_t own;
};
struct stage {
    struct stage *previous;
    waitgroup_t ready;
};
static waitgroup_t shared, another, groups[2];

/* ---- bad ---- */
static void *by_argument(void *arg)
{
    waitgroup_t *wg = arg;
    printf("work\n");
    waitgroup_wait(wg); // want: wait-in-task
    waitgroup_done(wg);
    return NULL;
}
static void *by_file(void *arg)
{
    if (arg)
        waitgroup_wait(&shared); // want: wait-in-task
    waitgroup_done(&shared);
    return NULL;
}
static int by_field(void *arg)
{
    struct job *j = arg;
    if (j->n) {
        printf("leader\n");
        waitgroup_wait(&j->own); // want: wait-in-task
        waitgroup_done(&j->own);
        return 1;
    }
    waitgroup_done(&j->own);
    return 0;
}
static void *by_pool(void *arg)
{
    struct job *j = arg;
    waitgroup_wait(&j->pool->group); // want: wait-in-task
    printf("all there\n");
    waitgroup_add(&j->pool->group, -1);
    return NULL;
}
static void *with_deadline(void *arg)
{
    struct job *j = arg;
    struct timespec soon = {1, 0};
    if (waitgroup_clockwait(j->group, CLOCK_MONOTONIC, &soon) != 0) /* ends at its deadline */
        printf("late\n");
    waitgroup_done(j->group);
    return NULL;
}
static void go_by_file(void *arg)
{
    (void)arg;
    waitgroup_wait(&shared); // want: wait-in-task
}
static void go_by_argument(void *arg)
{
    waitgroup_wait(arg); // want: wait-in-task
    printf("all there\n");
}
static void go_by_field(void *arg)
{
    struct job *j = arg;
    if (j->n)
        waitgroup_wait(&j->own); // want: wait-in-task
}
static void go_by_pointer(void *arg)
{
    struct job *j = arg;
    waitgroup_wait(j->group); // want: wait-in-task
}
int start_bad(struct job *j)
{
    pthread_t t;
    thrd_t u;
    waitgroup_add(&shared, 3);
    pthread_create(&t, NULL, by_argument, j->group);
    pthread_create(&t, NULL, by_file, j);
    thrd_create(&u, by_field, j);
    pthread_create(&t, NULL, by_pool, j);
    pthread_create(&t, NULL, with_deadline, j);
    int failed = waitgroup_go(j->group, go_by_argument, j->group);
    failed |= waitgroup_go(&j->own, go_by_field, j);
    failed |= waitgroup_go(j->group, go_by_pointer, j);
    return failed;
}
int start_bad_go(void)
{
    int failed = waitgroup_go(&shared, go_by_file, NULL);
    waitgroup_wait(&shared);
    return failed;
}

/* ---- good ---- */
static void *gate(void *arg) /* waits for a gate, leaves by another group */
{
    struct pool *p = arg;
    waitgroup_wait(&p->gate);
    printf("work\n");
    waitgroup_done(&p->group);
    return NULL;
}
static void *file_gate(void *arg)
{
    waitgroup_wait(&another);
    waitgroup_done(&shared);
    return arg;
}
static void *after_done(void *arg) /* a rendezvous: no longer counted when it waits */
{
    waitgroup_t *wg = arg;
    printf("first half\n");
    waitgroup_done(wg);
    waitgroup_wait(wg);
    printf("second half\n");
    return NULL;
}
static void *after_done_in_block(void *arg)
{
    struct job *j = arg;
    if (j->n) {
        waitgroup_done(j->group);
        waitgroup_wait(j->group);
        return NULL;
    }
    waitgroup_done(j->group);
    return NULL;
}
static void *pipeline(void *arg)
{
    struct stage *s = arg;
    waitgroup_wait(&s->previous->ready);
    printf("stage\n");
    waitgroup_done(&s->ready);
    return NULL;
}
static void *of_an_array(void *arg)
{
    waitgroup_wait(&groups[0]);
    waitgroup_done(&groups[1]);
    return arg;
}
static void *neighbour(void *arg)
{
    struct stage *all = arg;
    int i = 1;
    waitgroup_wait(&all[i - 1].ready);
    waitgroup_done(&all[i].ready);
    return arg;
}
static void *leaf(void *arg)
{
    waitgroup_done(arg);
    return NULL;
}
static void *own_group(void *arg)
{
    pthread_t t;
    waitgroup_t inner = WAITGROUP_INIT;
    waitgroup_add(&inner, 1);
    pthread_create(&t, NULL, leaf, &inner);
    waitgroup_wait(&inner);
    waitgroup_done(arg);
    return NULL;
}
static void *waiter(void *arg) /* waits and is not counted */
{
    waitgroup_wait(arg);
    printf("all done\n");
    return NULL;
}
static void *next_round(void *arg) /* not counted in the first round, counts itself for the second */
{
    waitgroup_t *wg = arg;
    waitgroup_wait(wg);
    waitgroup_add(wg, 1);
    printf("again\n");
    waitgroup_done(wg);
    return NULL;
}
static void go_gate(void *arg)
{
    struct pool *p = arg;
    waitgroup_wait(&p->gate);
}
static void go_other(void *arg)
{
    waitgroup_wait(&another);
    (void)arg;
}
static void go_given(void *arg)
{
    waitgroup_wait(arg);
}
static void run(waitgroup_t *wg) /* no task */
{
    waitgroup_wait(wg);
    waitgroup_done(wg);
}
int start_good(struct pool *p, struct job *j, struct stage *s)
{
    pthread_t t;
    waitgroup_add(&p->group, 2);
    pthread_create(&t, NULL, gate, p);
    pthread_create(&t, NULL, file_gate, p);
    pthread_create(&t, NULL, after_done, &p->group);
    pthread_create(&t, NULL, after_done_in_block, j);
    pthread_create(&t, NULL, pipeline, s);
    pthread_create(&t, NULL, of_an_array, s);
    pthread_create(&t, NULL, neighbour, s);
    pthread_create(&t, NULL, own_group, &p->group);
    pthread_create(&t, NULL, waiter, &p->group);
    pthread_create(&t, NULL, next_round, &p->group);
    run(&p->gate);
    return 0;
}
int start_good_go(struct pool *p)
{
    int failed = waitgroup_go(&p->group, go_gate, p);
    failed |= waitgroup_go(&shared, go_other, p);
    failed |= waitgroup_go(&shared, go_given, &p->gate);
    return failed;
}
static void go_by_assigned(void *arg)
{
    struct job *j = arg;
    waitgroup_wait(j->group); // want: wait-in-task
}
int start_assigned(struct job *j, waitgroup_t *wg)
{
    j->group = wg;
    return waitgroup_go(wg, go_by_assigned, j);
}
static void go_by_other_assigned(void *arg)
{
    struct job *j = arg;
    waitgroup_wait(j->group);
}
int start_other_assigned(struct job *j, struct job *other, waitgroup_t *wg)
{
    j->group = wg;
    other->group = &another;
    return waitgroup_go(wg, go_by_other_assigned, other);
}

/* ---- good: the task has left the group before, and is counted again for a second phase ---- */
static waitgroup_t phase;
static pthread_barrier_t counted_again;
static void *two_phases(void *arg)
{
    waitgroup_done(&phase);
    waitgroup_wait(&phase);
    pthread_barrier_wait(&counted_again);
    waitgroup_done(&phase);
    return arg;
}
void runs_two_phases(void)
{
    pthread_t t;
    waitgroup_add(&phase, 1);
    pthread_create(&t, NULL, two_phases, NULL);
    waitgroup_wait(&phase);
    waitgroup_add(&phase, 1);
    pthread_barrier_wait(&counted_again);
    waitgroup_wait(&phase);
}
