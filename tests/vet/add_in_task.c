/* An add inside the task that it counts: the wait may come first. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <waitgroup.h>

struct job {
    int n;
    waitgroup_t *group;
    waitgroup_t own;
};
static waitgroup_t shared, another, third;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
void announce(waitgroup_t *group);

/* ---- bad ---- */
static void *by_argument(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1); // want: add-in-task
    printf("work\n");
    waitgroup_done(wg);
    return NULL;
}
void start_by_argument(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, by_argument, wg);
    waitgroup_wait(wg);
}

static void *by_file(void *arg)
{
    waitgroup_add(&shared, 1); // want: add-in-task
    if (arg)
        printf("work\n");
    waitgroup_done(&shared);
    return NULL;
}
void start_by_file(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, &by_file, NULL) != 0)
        abort();
    waitgroup_wait(&shared);
}

static void *by_field(void *arg)
{
    struct job *j = arg;
    j->n = 1;
    waitgroup_add(j->group, 1); // want: add-in-task
    waitgroup_add(j->group, -1);
    return NULL;
}
static int by_own_field(void *arg)
{
    struct job *j = (struct job *)arg;
    waitgroup_add(&j->own, 1); // want: add-in-task
    if (j->n) {
        waitgroup_done(&j->own);
        return 1;
    }
    waitgroup_done(&j->own);
    return 0;
}
static void *by_cast(void *arg)
{
    waitgroup_add((waitgroup_t *)arg, 1); // want: add-in-task
    waitgroup_done((waitgroup_t *)arg);
    return NULL;
}
static void *forward(void *arg);
static int no_void(waitgroup_t *wg)
{
    waitgroup_add(wg, 2); // want: add-in-task
    waitgroup_done(wg);
    waitgroup_done(wg);
    return 0;
}
void start_many(struct job *j)
{
    pthread_t t;
    thrd_t u;
    void *(*table)(void *) = forward;
    pthread_create(&t, NULL, by_field, j);
    thrd_create(&u, by_own_field, j);
    pthread_create(&t, NULL, by_cast, j->group);
    pthread_create(&t, NULL, table, &shared);
    pthread_create(&t, NULL, (void *(*)(void *))no_void, &shared);
}
static void *forward(void *arg)
{
    struct job *j = arg;
    waitgroup_t *wg = j->group;
    waitgroup_add(wg, 1); // want: add-in-task
    waitgroup_done(wg);
    return NULL;
}

static void *spawned(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1); // want: add-in-task
    waitgroup_done(wg);
    return NULL;
}
static pthread_t spawn(void *(*task)(void *), void *arg)
{
    pthread_t t;
    pthread_create(&t, NULL, task, arg);
    return t;
}
void start_spawned(waitgroup_t *wg)
{
    spawn(spawned, wg);
    waitgroup_wait(wg);
}

static void go_other(void *arg)
{
    waitgroup_add(&another, 1); // want: add-in-task
    (void)arg;
    waitgroup_done(&another);
}
static void go_given(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1); // want: add-in-task
    waitgroup_done(wg);
}
int start_go(void)
{
    static waitgroup_t first, second;
    int failed = waitgroup_go(&shared, go_other, NULL);
    failed |= waitgroup_go(&first, go_given, &second);
    waitgroup_wait(&another);
    waitgroup_wait(&second);
    return failed;
}

/* ---- good ---- */
static void *counted(void *arg)
{
    waitgroup_t *wg = arg; /* adds for itself although the starter holds a count: allowed above zero */
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
    return NULL;
}
void start_counted(waitgroup_t *wg)
{
    pthread_t t;
    waitgroup_add(wg, 1);
    pthread_create(&t, NULL, counted, wg);
    waitgroup_done(wg);
    waitgroup_wait(wg);
}

static void *counted_by_caller(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
    return NULL;
}
static void start_one(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, counted_by_caller, wg);
}
void start_two(waitgroup_t *wg)
{
    waitgroup_add(wg, 1);
    start_one(wg);
    start_one(wg);
    waitgroup_done(wg);
}

static void *counted_by_helper(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
    return NULL;
}
static void hold(waitgroup_t *wg)
{
    waitgroup_add(wg, 1);
}
void start_with_helper(waitgroup_t *wg)
{
    pthread_t t;
    hold(wg);
    pthread_create(&t, NULL, counted_by_helper, wg);
}

static void *counted_elsewhere(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
    return NULL;
}
void start_announced(waitgroup_t *wg)
{
    pthread_t t;
    announce(wg);
    pthread_create(&t, NULL, counted_elsewhere, wg);
}

static void *leaf(void *arg)
{
    waitgroup_done(arg);
    return NULL;
}
static void *parent(void *arg) /* counts the threads that it starts itself */
{
    waitgroup_t *wg = arg;
    pthread_t t;
    waitgroup_add(wg, 2);
    pthread_create(&t, NULL, leaf, wg);
    pthread_create(&t, NULL, leaf, wg);
    waitgroup_wait(wg);
    return NULL;
}
static void *local_group(void *arg)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    (void)arg;
    waitgroup_done(&wg);
    waitgroup_wait(&wg);
    return NULL;
}
static void *gated(void *arg) /* the starter holds the mutex until it has counted */
{
    pthread_mutex_lock(&mutex);
    waitgroup_add(arg, 1);
    pthread_mutex_unlock(&mutex);
    waitgroup_done(arg);
    return NULL;
}
static void *only_adds(void *arg) /* who dones is not known */
{
    waitgroup_add(arg, 1);
    return NULL;
}
static void *two_groups(void *arg)
{
    waitgroup_add(&third, 1);
    (void)arg;
    waitgroup_done(&shared);
    return NULL;
}
void start_good(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, parent, wg);
    pthread_create(&t, NULL, local_group, wg);
    pthread_create(&t, NULL, gated, wg);
    pthread_create(&t, NULL, only_adds, wg);
    pthread_create(&t, NULL, two_groups, wg);
}

static void around(void *arg) /* a plain function, called */
{
    waitgroup_add(arg, 1);
    printf("busy\n");
    waitgroup_done(arg);
}
static void each(void (*visit)(void *), void *arg)
{
    visit(arg);
}
void call_around(waitgroup_t *wg)
{
    around(wg);
    each(around, wg);
}

static void go_same(void *arg) /* waitgroup_go() counted it: above zero */
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
}
static void go_shared(void *arg)
{
    waitgroup_add(&shared, 1);
    (void)arg;
    waitgroup_done(&shared);
}
int start_go_same(waitgroup_t *wg)
{
    int failed = waitgroup_go(wg, go_same, wg);
    failed |= waitgroup_go(&shared, go_shared, wg);
    waitgroup_wait(wg);
    return failed;
}
