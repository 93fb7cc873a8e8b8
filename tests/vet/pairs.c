/* Each mistake beside the correct code that resembles it most. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <waitgroup.h>

typedef struct pool pool_t; /* announced before it is defined */
struct pool {
    waitgroup_t group;
    int n;
};
struct job {
    waitgroup_t *group;
    waitgroup_t own;
    struct job *parent;
    int n;
    int detached;
};
static pthread_t thread;
int work(int n);
_Noreturn void die(const char *why);

/* ---- copy ---- */
void copies_announced(pool_t *to, pool_t *from)
{
    *to = *from; // want: copy
}
void copies_cast(const void *message, waitgroup_t *to)
{
    memcpy(to, (const waitgroup_t *)message, sizeof *to); // want: copy
}
struct job cleared(int n)
{
    struct job j;
    memset(&j, 0, sizeof j);
    j.n = n;
    return j;
}
int asks_for_the_type(struct job *j)
{
    return _Generic(*j, struct job: 1, default: 0);
}

/* ---- missing-done: goto ---- */
static void *past_the_done(void *arg)
{
    struct job *j = arg;
    if (j->n)
        goto out; // want: missing-done
    work(1);
    waitgroup_done(j->group);
out:
    printf("out\n");
    return NULL;
}
static void *to_an_exit_of_its_own(void *arg)
{
    struct job *j = arg;
    if (j->n)
        goto fail;
    work(1);
    waitgroup_done(j->group);
    return NULL;
fail:
    printf("failed\n");
    return NULL; // want: missing-done
}
static void *done_before_the_goto(void *arg)
{
    struct job *j = arg;
    if (j->n) {
        waitgroup_done(j->group);
        goto out;
    }
    work(1);
    waitgroup_done(j->group);
    if (j->n > 3)
        goto out;
    work(2);
out:
    printf("out\n");
    return NULL;
}
static void *done_at_the_label(void *arg)
{
    struct job *j = arg;
    if (j->n)
        goto fail;
    work(1);
    waitgroup_done(j->group);
    return NULL;
fail:
    waitgroup_done(j->group);
    return NULL;
}
static void *back(void *arg)
{
    struct job *j = arg;
again:
    if (j->n--)
        goto again;
    waitgroup_done(j->group);
    return NULL;
}

/* ---- missing-done: the cases of a switch, blocks with an exit of their own ---- */
static void *cases(void *arg)
{
    struct job *j = arg;
    switch (j->n) {
    case 0:
        waitgroup_done(j->group);
        return NULL;
    case 1:
        return NULL; // want: missing-done
    case 2: {
        waitgroup_done(j->group);
        return NULL;
    }
    case 3:
        work(1);
        return NULL; // want: missing-done
    case 4:
        waitgroup_done(j->group);
        /* fall through */
    case 5:
        return NULL; // want: missing-done
    default:
        break;
    }
    waitgroup_done(j->group);
    return NULL;
}
static void *cases_alone(void *arg)
{
    struct job *j = arg;
    switch (j->n) {
    case 0:
        return NULL; // want: missing-done
    case 1:
        work(1);
        waitgroup_done(j->group);
        break;
    case 2: {
        work(2);
        pthread_exit(NULL); // want: missing-done
    }
    default:
        waitgroup_done(j->group);
    }
    return NULL;
}
static void *cases_then_done(void *arg)
{
    struct job *j = arg;
    switch (j->n) {
    case 0:
        waitgroup_done(&j->own);
        return NULL;
    case 1:
        j->n = 2;
        waitgroup_done(&j->own);
        break;
    default:
        die("kind");
        return NULL;
    }
    return NULL;
}
static void *serves(void *arg) /* one done for each job */
{
    struct job *j = arg;
    for (;;) {
        switch (work(1)) {
        case 0:
            waitgroup_done(j->group);
            break;
        default:
            return NULL;
        }
    }
}
static void *rounds(void *arg)
{
    struct job *j = arg;
    while (work(2)) {
        if (work(3)) {
            waitgroup_done(j->group);
            return NULL;
        }
        if (work(4))
            return NULL; // want: missing-done
    }
    waitgroup_done(j->group);
    return NULL;
}

/* ---- missing-done: who is to leave ---- */
static waitgroup_t last_only, first_only, serial_only, elements[2];
static atomic_int left;
static int claimed, counted;
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static void *last_by_atomic(void *arg)
{
    if (atomic_fetch_sub(&left, 1) != 1)
        return NULL;
    waitgroup_done(&last_only);
    return arg;
}
static void *last_by_mutex(void *arg)
{
    pthread_mutex_lock(&counting);
    int last = --counted == 0;
    pthread_mutex_unlock(&counting);
    if (!last)
        return NULL;
    waitgroup_done(&last_only);
    return arg;
}
static void *first(void *arg)
{
    if (__atomic_exchange_n(&claimed, 1, __ATOMIC_ACQ_REL))
        return NULL;
    waitgroup_done(&first_only);
    return arg;
}
static void *serial(void *arg)
{
    if (pthread_barrier_wait(&barrier) != PTHREAD_BARRIER_SERIAL_THREAD)
        return NULL;
    waitgroup_done(&serial_only);
    return arg;
}
static void *stopped(void *arg) /* no claim: every task may see it */
{
    int tries = *(int *)arg;
    if (tries-- > 3)
        return NULL; // want: missing-done
    if (atomic_load(&left))
        return NULL; // want: missing-done
    waitgroup_done(&last_only);
    return arg;
}
static void *optional(void *arg) /* not counted where the starter chooses so: none of its ways is told */
{
    struct job *j = arg;
    work(1);
    if (!j->group)
        return NULL;
    if (j->detached)
        return NULL;
    if (j->n == 3) {
        die("three");
        return NULL;
    }
    if (j->n)
        return NULL;
    waitgroup_done(j->group);
    return NULL;
}
static void *other_element(void *arg)
{
    if (!arg) {
        waitgroup_done(&elements[1]);
        return NULL; // want: missing-done
    }
    waitgroup_done(&elements[0]);
    return arg;
}
void start_missing(struct job *j)
{
    pthread_create(&thread, NULL, past_the_done, j);
    pthread_create(&thread, NULL, to_an_exit_of_its_own, j);
    pthread_create(&thread, NULL, done_before_the_goto, j);
    pthread_create(&thread, NULL, done_at_the_label, j);
    pthread_create(&thread, NULL, back, j);
    pthread_create(&thread, NULL, cases, j);
    pthread_create(&thread, NULL, cases_alone, j);
    pthread_create(&thread, NULL, cases_then_done, j);
    pthread_create(&thread, NULL, serves, j);
    pthread_create(&thread, NULL, rounds, j);
    pthread_create(&thread, NULL, last_by_atomic, j);
    pthread_create(&thread, NULL, last_by_mutex, j);
    pthread_create(&thread, NULL, first, j);
    pthread_create(&thread, NULL, serial, j);
    pthread_create(&thread, NULL, stopped, j);
    pthread_create(&thread, NULL, optional, j);
    pthread_create(&thread, NULL, other_element, j);
}
void start_optional(struct job *j)
{
    if (!j->detached)
        waitgroup_add(j->group, 1);
    pthread_create(&thread, NULL, optional, j);
}

/* ---- add-in-task ---- */
static waitgroup_t third[4], aliased, beside, joined, gauge, announced, ready, spun, held, handed;
static atomic_int added;
static void *adds_third(void *arg)
{
    waitgroup_add(&third[2], 1); // want: add-in-task
    work(1);
    waitgroup_done(&third[2]);
    return arg;
}
static void *adds_aliased(void *arg)
{
    waitgroup_t *g = &aliased;
    waitgroup_add(g, 1); // want: add-in-task
    work(1);
    waitgroup_done(&aliased);
    return arg;
}
static void *adds_beside(void *arg)
{
    waitgroup_add(&beside, 1); // want: add-in-task
    work(1);
    waitgroup_done(&beside);
    return arg;
}
void start_adding(void)
{
    waitgroup_add(&ready, 1); /* another group */
    pthread_create(&thread, NULL, adds_third, NULL);
    pthread_create(&thread, NULL, adds_aliased, NULL);
    pthread_create(&thread, NULL, adds_beside, NULL);
    waitgroup_done(&ready);
    waitgroup_wait(&beside);
    waitgroup_wait(&ready);
}
static void *adds_joined(void *arg)
{
    waitgroup_add(&joined, 1);
    work(1);
    waitgroup_done(&joined);
    return arg;
}
void join_then_wait(void)
{
    pthread_t t;
    pthread_create(&t, NULL, adds_joined, NULL);
    pthread_join(t, NULL);
    waitgroup_wait(&joined);
}
static void *adds_gauge(void *arg)
{
    waitgroup_add(&gauge, 1);
    work(1);
    waitgroup_done(&gauge);
    return arg;
}
static pthread_t gauged;
void open_gauge(void)
{
    pthread_create(&gauged, NULL, adds_gauge, NULL);
}
void close_gauge(void)
{
    pthread_join(gauged, NULL);
    waitgroup_wait(&gauge);
}
static void *adds_announced(void *arg)
{
    waitgroup_add(&announced, 1);
    waitgroup_done(&ready);
    work(1);
    waitgroup_done(&announced);
    return arg;
}
void wait_for_the_announcement(void)
{
    pthread_create(&thread, NULL, adds_announced, NULL);
    waitgroup_wait(&ready);
    waitgroup_wait(&announced);
}
static void *adds_spun(void *arg)
{
    waitgroup_add(&spun, 1);
    atomic_store(&added, 1);
    work(1);
    waitgroup_done(&spun);
    return arg;
}
void spin_for_the_announcement(void)
{
    pthread_create(&thread, NULL, adds_spun, NULL);
    while (!atomic_load(&added))
        ;
    waitgroup_wait(&spun);
}
static void *adds_held(void *arg)
{
    waitgroup_add(&held, 1);
    work(1);
    waitgroup_done(&held);
    return arg;
}
void open_held(void)
{
    waitgroup_add(&held, 1);
}
void start_held(void)
{
    pthread_create(&thread, NULL, adds_held, NULL);
}
static void *adds_to_its_parent(void *arg)
{
    struct job *j = arg;
    waitgroup_add(&j->parent->own, 1);
    work(1);
    waitgroup_done(&j->parent->own);
    return NULL;
}
void start_child(struct job *j)
{
    pthread_create(&thread, NULL, adds_to_its_parent, j);
    waitgroup_wait(&j->own);
}

/* ---- done-in-go-task, wait-in-task ---- */
static waitgroup_t two[2], closing;
static void go_second(void *arg)
{
    (void)arg;
    waitgroup_done(&two[1]); // want: done-in-go-task
}
static void go_first(void *arg)
{
    (void)arg;
    waitgroup_wait(&two[0]);
    waitgroup_done(&two[0]);
}
static void go_parent(void *arg)
{
    struct job *j = arg;
    waitgroup_wait(&j->parent->own);
    waitgroup_done(&j->parent->own);
}
static void go_copied(void *arg)
{
    struct job *j = arg;
    waitgroup_t *g = j->group;
    waitgroup_wait(g); // want: wait-in-task
    waitgroup_done(g); // want: done-in-go-task
}
static void go_member(void *arg)
{
    struct job *j = arg;
    waitgroup_t *g = &j->own;
    waitgroup_wait(g); // want: wait-in-task
    waitgroup_done(g); // want: done-in-go-task
}
static void go_turned(void *arg) /* the pointer is another one by then */
{
    struct job *j = arg;
    waitgroup_t *g = &j->own;
    g = j->group;
    waitgroup_done(g);
}
static void go_closing(void *arg)
{
    (void)arg;
    waitgroup_done(&closing);
}
void open_closing(void)
{
    waitgroup_add(&closing, 1);
}
int go_all(struct job *j)
{
    waitgroup_t *g = &two[1];
    int failed = waitgroup_go(g, go_second, NULL);
    failed |= waitgroup_go(&two[1], go_first, NULL);
    failed |= waitgroup_go(&j->own, go_parent, j);
    failed |= waitgroup_go(j->group, go_copied, j);
    failed |= waitgroup_go(&j->own, go_member, j);
    failed |= waitgroup_go(&j->own, go_turned, j);
    failed |= waitgroup_go(&closing, go_closing, NULL);
    return failed;
}
static waitgroup_t early, scoped, forked;
static void *leaves_on_one_way(void *arg)
{
    if (!arg) {
        waitgroup_done(&early);
        return NULL;
    }
    waitgroup_wait(&early); // want: wait-in-task
    waitgroup_done(&early);
    return NULL;
}
static void *leaves_with_its_block(void *arg)
{
    {
        WAITGROUP_DONE_ON_RETURN(&scoped);
        work(1);
    }
    waitgroup_wait(&scoped);
    return arg;
}
static void *child(void *arg)
{
    waitgroup_done(&forked);
    return arg;
}
static void *forks(void *arg)
{
    waitgroup_add(&forked, 1);
    pthread_create(&thread, NULL, child, arg);
    waitgroup_wait(&forked); // want: wait-in-task
    waitgroup_done(&forked);
    return NULL;
}
static void *forks_and_counts_again(void *arg)
{
    waitgroup_add(&forked, 1);
    pthread_create(&thread, NULL, child, arg);
    waitgroup_wait(&forked);
    waitgroup_add(&forked, 1);
    work(1);
    waitgroup_done(&forked);
    return NULL;
}
void start_waiting(void)
{
    waitgroup_add(&early, 1);
    waitgroup_add(&scoped, 1);
    waitgroup_add(&forked, 1);
    pthread_create(&thread, NULL, leaves_on_one_way, NULL);
    pthread_create(&thread, NULL, leaves_with_its_block, NULL);
    pthread_create(&thread, NULL, forks, NULL);
    pthread_create(&thread, NULL, forks_and_counts_again, NULL);
}

/* ---- add-after-start ---- */
static waitgroup_t chosen, opened;
static void *leaves_chosen(void *arg)
{
    waitgroup_done(&chosen);
    return arg;
}
static void *leaves_opened(void *arg)
{
    waitgroup_done(&opened);
    return arg;
}
static void *leaves_copied(void *arg)
{
    struct job *j = arg;
    waitgroup_t *g = j->group;
    free(j);
    waitgroup_done(g);
    return NULL;
}
void starts_then_adds(struct job *j)
{
    pthread_create(&thread, NULL, leaves_chosen, NULL) ? abort() : waitgroup_add(&chosen, 1); // want: add-after-start
    waitgroup_wait(&chosen);
    pthread_create(&thread, NULL, leaves_copied, j);
    waitgroup_add(j->group, 1); // want: add-after-start
}
void opens(void)
{
    waitgroup_add(&opened, 1);
}
void starts_opened(void)
{
    pthread_create(&thread, NULL, leaves_opened, NULL);
    waitgroup_add(&opened, 1);
}

/* ---- stack-group ---- */
static void *leaves(void *arg)
{
    waitgroup_done(arg);
    return NULL;
}
static void *leaves_group(void *arg)
{
    struct job *j = arg;
    waitgroup_done(j->group);
    return NULL;
}
int waits_if_asked(int detached)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, leaves, &wg);
    if (!detached)
        waitgroup_wait(&wg);
    return 0;
}
int starts_and_waits_if_asked(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    if (n) {
        waitgroup_add(&wg, 1);
        pthread_create(&thread, NULL, leaves, &wg);
    }
    if (n)
        waitgroup_wait(&wg);
    return 0;
}
int waits_in_its_block(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    if (n > 4) {
        waitgroup_add(&wg, 1);
        pthread_create(&thread, NULL, leaves, &wg);
        waitgroup_wait(&wg);
        return 1;
    }
    if (n < 0)
        return -1;
    return 0;
}
int starts_for_a_reason(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int threaded = n > 1;
    if (threaded) {
        waitgroup_add(&wg, 1);
        pthread_create(&thread, NULL, leaves, &wg);
    }
    if (!threaded)
        return work(n);
    waitgroup_wait(&wg);
    return 0;
}
int counts_the_started(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int started = 0;
    for (int i = 0; i < n; i++) {
        waitgroup_add(&wg, 1);
        if (pthread_create(&thread, NULL, leaves, &wg) != 0) {
            waitgroup_done(&wg);
            continue;
        }
        started++;
    }
    if (started == 0)
        return -1;
    waitgroup_wait(&wg);
    return 0;
}
static void wait_at_the_end(waitgroup_t **wg)
{
    waitgroup_wait(*wg);
}
int waits_by_cleanup(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    __attribute__((cleanup(wait_at_the_end), unused)) waitgroup_t *guard = &wg;
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, leaves, &wg);
    if (work(1))
        return -1;
    return 0;
}
int hands_a_literal(int n)
{
    struct job jobs[4];
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    for (int i = 0; i < n; i++) {
        jobs[i] = (struct job){.n = i, .group = &wg};
        waitgroup_add(&wg, 1);
        if (pthread_create(&thread, NULL, leaves_group, &jobs[i]) != 0)
            return -1;
    }
    waitgroup_wait(&wg);
    return 0;
}
void hands_a_size(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, leaves, (void *)sizeof(wg));
    waitgroup_done(&wg);
}
int main(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, leaves, &wg);
    pthread_exit(NULL);
}
