/* More shapes of each mistake, and of what resembles it. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <waitgroup.h>

struct queue {
    int items[8];
    int head;
};
struct task {
    struct queue *queue;
    waitgroup_t *group;
    waitgroup_t done;
    int id;
    struct task *next;
};
typedef union {
    waitgroup_t group;
    char bytes[16];
} any_t;
struct sink {
    waitgroup_t *group;
    int n;
};
static waitgroup_t a, b;
static struct {
    waitgroup_t group;
    pthread_mutex_t mutex;
} state;
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, two = PTHREAD_MUTEX_INITIALIZER;
int pull(struct queue *q);
void work(int n);
bool stopped(void);

/* ---- copy ---- */
any_t shared_any;
static void unions(any_t *x)
{
    any_t y = *x;   // want: copy
    shared_any = y; // want: copy
    memcpy(y.bytes, x->bytes, sizeof y.bytes);
    x->group = y.group;            // want: copy
    memmove(x, &y, sizeof(any_t)); // want: copy
    x->bytes[0] = y.bytes[0];
}
static struct task make(int id)
{
    return (struct task){.id = id};
}
static void fresh(struct task *t)
{
    struct task made = make(3);
    *t = make(made.id);
    t->group = &made.done;
    struct task *all = calloc(4, sizeof *all);
    all[1].id = all[0].id;
    free(all);
}
static void give(struct task t, int n); // want: copy
static void give(struct task t,         // want: copy
                 int n)
{
    work(t.id + n);
}
static void gives(struct task *t)
{
    give(make(1), 1);
    give(t[0], // want: copy
         2);
}

/* ---- missing-done ---- */
static void *consumer(void *arg)
{
    struct task *t = arg;
    for (;;) {
        int n = pull(t->queue);
        if (n < 0)
            break;
        if (n == 0)
            return NULL; // want: missing-done
        work(n);
    }
    waitgroup_done(t->group);
    return NULL;
}
static void *good_consumer(void *arg)
{
    struct task *t = arg;
    while (!stopped()) {
        int n = pull(t->queue);
        if (n < 0)
            goto out;
        if (n == 0)
            break;
        if (n == 1)
            continue;
        work(n);
    }
out:
    waitgroup_done(t->group);
    return NULL;
}
static void *nested(void *arg)
{
    struct task *t = arg;
    if (t->id > 0) {
        if (t->id > 10) {
            if (t->id > 100) {
                work(1);
                return NULL; // want: missing-done
            }
            waitgroup_done(t->group);
            return NULL;
        }
        work(2);
    }
    waitgroup_done(t->group);
    return NULL;
}
static void *all_in_branches(void *arg)
{
    struct task *t = arg;
    if (t->id) {
        work(1);
        waitgroup_done(t->group);
        return NULL;
    } else {
        waitgroup_done(t->group);
        return arg;
    }
}
static void *done_then_more(void *arg)
{
    struct task *t = arg;
    work(t->id);
    if (t->group)
        waitgroup_done(t->group);
    if (t->id)
        return NULL;
    waitgroup_done(&t->done);
    return NULL;
}
static void *each_once(void *arg) /* one done for each of the list, the last at the end */
{
    struct task *t = arg;
    while (t->next) {
        waitgroup_done(t->group);
        t = t->next;
        if (stopped())
            return NULL;
    }
    waitgroup_done(t->group);
    return NULL;
}

/* ---- add-in-task ---- */
#define SPAWN(routine, argument)                           \
  do {                                                     \
    pthread_t thread_;                                     \
    pthread_create(&thread_, NULL, (routine), (argument)); \
    pthread_detach(thread_);                               \
  } while (0)
static void *static_state(void *arg)
{
    (void)arg;
    waitgroup_add(&state.group, 1); // want: add-in-task
    work(1);
    waitgroup_done(&state.group);
    return NULL;
}
static void *indexed(void *arg)
{
    struct task *all = arg;
    int i = 3;
    waitgroup_add(&all[i].done, 1); // want: add-in-task
    work(1);
    waitgroup_done(&all[i].done);
    return NULL;
}
static void *keeps_it(void *arg) /* its starter holds a count; it counts for a callback of another file */
{
    struct task *t = arg;
    waitgroup_add(t->group, 1);
    work(1);
    return NULL;
}
static void *adds_for_child(void *arg)
{
    struct task *t = arg;
    waitgroup_add(t->group, 1);
    SPAWN(consumer, t);
    waitgroup_done(t->group);
    return NULL;
}
static void *conditional(void *arg)
{
    struct task *t = arg;
    if (t->next)
        waitgroup_add(t->group, 1);
    work(1);
    waitgroup_done(t->group);
    return NULL;
}
void spawn_all(struct task *t)
{
    SPAWN(consumer, t);
    SPAWN(good_consumer, t);
    SPAWN(nested, t);
    SPAWN(all_in_branches, t);
    SPAWN(done_then_more, t);
    SPAWN(each_once, t);
    SPAWN(static_state, NULL);
    SPAWN(indexed, t);
    SPAWN(keeps_it, t);
    SPAWN(adds_for_child, t);
    SPAWN(conditional, t);
}

/* ---- done-in-go-task ---- */
static void go_finish(void *arg)
{
    struct task *t = arg;
    work(t->id);
    switch (t->id) {
    case 1:
        waitgroup_done(&t->done); // want: done-in-go-task
        break;
    default:
        break;
    }
}
static void go_next(void *arg) /* tells the next stage, by that stage's own group */
{
    struct task *t = arg;
    work(t->id);
    waitgroup_done(t->group);
}
static void go_sink(void *arg)
{
    struct sink *s = arg;
    work(s->n);
    waitgroup_done(s->group);
}
int go_all(struct task *t)
{
    struct sink first = {&a, 1}, second = {&b, 2};
    (void)first;
    int failed = waitgroup_go(&t->done, go_finish, t);
    failed |= waitgroup_go(&t->done, go_next, t);
    failed |= waitgroup_go(&a, go_sink, &second);
    waitgroup_wait(&t->done);
    waitgroup_wait(&a);
    waitgroup_wait(&b);
    return failed;
}

/* ---- add-after-start ---- */
static void *sinks(void *arg)
{
    struct sink *s = arg;
    work(s->n);
    waitgroup_done(s->group);
    return NULL;
}
void two_sinks(struct sink *first, struct sink *second)
{
    pthread_t t, u;
    first->group = &a;
    second->group = &b;
    waitgroup_add(&a, 1);
    pthread_create(&t, NULL, sinks, first);
    waitgroup_add(&b, 1);
    pthread_create(&u, NULL, sinks, second);
    waitgroup_wait(&a);
    waitgroup_wait(&b);
}
void one_sink(void)
{
    static waitgroup_t late;
    struct sink s = {&late, 1};
    pthread_t t;
    if (pthread_create(&t, NULL, sinks, &s) != 0) {
        perror("thread");
        return;
    }
    waitgroup_add(&late, 1); // want: add-after-start
    waitgroup_wait(&late);
}

/* ---- wait-locked ---- */
static void *takes_state(void *arg)
{
    pthread_mutex_lock(&state.mutex);
    work(1);
    pthread_mutex_unlock(&state.mutex);
    waitgroup_done(&state.group);
    return arg;
}
static void *takes_two(void *arg)
{
    pthread_mutex_lock(&one);
    pthread_mutex_lock(&two);
    work(1);
    pthread_mutex_unlock(&two);
    pthread_mutex_unlock(&one);
    waitgroup_done(&a);
    return arg;
}
void locks_state(void)
{
    waitgroup_add(&state.group, 1);
    SPAWN(takes_state, NULL);
    waitgroup_add(&a, 1);
    SPAWN(takes_two, NULL);
    pthread_mutex_lock(&state.mutex);
    while (!stopped()) {
        waitgroup_wait(&state.group); // want: wait-locked
        work(2);
    }
    pthread_mutex_unlock(&state.mutex);
    pthread_mutex_lock(&two);
    pthread_mutex_lock(&one);
    pthread_mutex_unlock(&one);
    waitgroup_wait(&a); // want: wait-locked
    pthread_mutex_unlock(&two);
    pthread_mutex_lock(&one);
    work(1);
    pthread_mutex_unlock(&one);
    waitgroup_wait(&a);
}

/* ---- stack-group ---- */
int retries(struct task *t)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t thread;
    int tries = 0;
    t->group = &wg;
    waitgroup_add(&wg, 1);
again:
    if (pthread_create(&thread, NULL, consumer, t) != 0) {
        if (++tries < 3)
            goto again;
        return -1;
    }
    waitgroup_wait(&wg);
    return 0;
}
int cleans_up(struct task *t)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t thread;
    int result = -1;
    t->group = &wg;
    waitgroup_add(&wg, 1);
    if (pthread_create(&thread, NULL, consumer, t) != 0)
        goto out;
    if (stopped())
        goto wait;
    result = 0;
wait:
    waitgroup_wait(&wg);
out:
    return result;
}
void in_a_block(struct task *t)
{
    if (t->id) {
        waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
        pthread_t thread;
        t->group = &wg;
        waitgroup_add(&wg, 1);
        pthread_create(&thread, NULL, consumer, t);
    }
    work(1);
}
void waits_in_a_block(struct task *t)
{
    for (int i = 0; i < 3; i++) {
        waitgroup_t wg = WAITGROUP_INIT;
        pthread_t thread;
        t->group = &wg;
        waitgroup_add(&wg, 1);
        if (pthread_create(&thread, NULL, consumer, t) != 0)
            return;
        waitgroup_wait(&wg);
    }
}

/* ---- wait-in-task ---- */
static void *barrier(void *arg)
{
    struct task *t = arg;
    for (int round = 0; round < 3; round++) {
        work(round);
        waitgroup_wait(&t->next->done);
        waitgroup_done(&t->done);
    }
    waitgroup_wait(t->group); // want: wait-in-task
    waitgroup_done(t->group);
    return NULL;
}
void run_barrier(struct task *t)
{
    SPAWN(barrier, t);
    (void)unions;
    (void)fresh;
    (void)gives;
}
