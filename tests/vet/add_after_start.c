/* The thread runs, and may be done, before the add that counts it. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <threads.h>
#include <waitgroup.h>

struct job {
    int n;
    waitgroup_t own;
};
struct pointing {
    waitgroup_t *group;
    int n;
};
static waitgroup_t shared, another;
static sem_t semaphore;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static atomic_int go;
void announce(waitgroup_t *wg);
void work(int n);

static void *task(void *arg)
{
    waitgroup_t *wg = arg;
    work(1);
    waitgroup_done(wg);
    return NULL;
}
static void *file_task(void *arg)
{
    work(2);
    waitgroup_done(&shared);
    return arg;
}
static void *field_task(void *arg)
{
    struct job *j = arg;
    work(j->n);
    waitgroup_done(&j->own);
    return NULL;
}
static void *pointer_task(void *arg)
{
    struct pointing *p = arg;
    work(p->n);
    waitgroup_done(p->group);
    return NULL;
}
static int c11_task(void *arg)
{
    work(3);
    waitgroup_add(arg, -1);
    return 0;
}

/* ---- bad ---- */
void by_argument(void)
{
    static waitgroup_t wg;
    pthread_t t;
    pthread_create(&t, NULL, task, &wg);
    waitgroup_add(&wg, 1); // want: add-after-start
    waitgroup_wait(&wg);
}
int by_file(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, file_task, NULL) != 0)
        return -1;
    waitgroup_add(&shared, 1); // want: add-after-start
    waitgroup_wait(&shared);
    return 0;
}
void by_field(struct job *j)
{
    pthread_t t;
    int failed = pthread_create(&t, NULL, field_task, j);
    if (!failed)
        waitgroup_add(&j->own, 1); // want: add-after-start
    waitgroup_wait(&j->own);
}
void in_the_condition(waitgroup_t *wg)
{
    thrd_t t;
    if (thrd_create(&t, c11_task, wg) == thrd_success)
        waitgroup_add(wg, 1); // want: add-after-start
    waitgroup_wait(wg);
}
void in_the_else(waitgroup_t *wg)
{
    pthread_t t;
    if (pthread_create(&t, NULL, task, wg) != 0) {
        printf("failed\n");
    } else {
        waitgroup_add(wg, 1); // want: add-after-start
    }
    waitgroup_wait(wg);
}
void in_a_loop(void)
{
    static waitgroup_t wg;
    pthread_t t[4];
    for (int i = 0; i < 4; i++) {
        pthread_create(&t[i], NULL, task, &wg);
        waitgroup_add(&wg, 1); // want: add-after-start
    }
    waitgroup_wait(&wg);
}
void after_the_loop(void)
{
    static waitgroup_t wg;
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, task, &wg);
    waitgroup_add(&wg, 4); // want: add-after-start
    waitgroup_wait(&wg);
}
void by_pointer(void)
{
    static waitgroup_t wg;
    static struct pointing p;
    pthread_t t;
    p.group = &wg;
    pthread_create(&t, NULL, pointer_task, &p);
    waitgroup_add(&wg, 1); // want: add-after-start
    waitgroup_wait(&wg);
}
static void spawn(void *(*routine)(void *), void *arg)
{
    pthread_t t;
    pthread_create(&t, NULL, routine, arg);
}
void spawned(waitgroup_t *wg)
{
    spawn(task, wg);
    waitgroup_add(wg, 1); // want: add-after-start
    waitgroup_wait(wg);
}
void second_is_late(struct job *first, struct job *second)
{
    pthread_t t;
    waitgroup_add(&first->own, 1);
    pthread_create(&t, NULL, field_task, first);
    pthread_create(&t, NULL, field_task, second);
    waitgroup_add(&second->own, 1); // want: add-after-start
    waitgroup_wait(&first->own);
    waitgroup_wait(&second->own);
}

int with_deadline(waitgroup_t *wg, const struct timespec *deadline)
{
    pthread_t t;
    pthread_create(&t, NULL, task, wg);
    waitgroup_add(wg, 1); // want: add-after-start
    return waitgroup_clockwait(wg, CLOCK_MONOTONIC, deadline);
}

/* ---- good ---- */
void before(waitgroup_t *wg)
{
    pthread_t t;
    waitgroup_add(wg, 1);
    pthread_create(&t, NULL, task, wg);
    waitgroup_wait(wg);
}
void before_in_a_loop(waitgroup_t *wg)
{
    pthread_t t;
    for (int i = 0; i < 4; i++) {
        waitgroup_add(wg, 1);
        if (pthread_create(&t, NULL, task, wg) != 0)
            waitgroup_add(wg, -1);
    }
    waitgroup_wait(wg);
}
void held(waitgroup_t *wg)
{
    pthread_t t;
    waitgroup_add(wg, 1); /* its own, so that the counter is never zero */
    pthread_create(&t, NULL, task, wg);
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
    waitgroup_wait(wg);
}
void one_by_one(struct job *first, struct job *second)
{
    pthread_t t;
    waitgroup_add(&first->own, 1);
    pthread_create(&t, NULL, field_task, first);
    waitgroup_add(&second->own, 1);
    pthread_create(&t, NULL, field_task, second);
    waitgroup_wait(&first->own);
    waitgroup_wait(&second->own);
}
void other_group(waitgroup_t *wg)
{
    pthread_t t;
    waitgroup_add(&shared, 1);
    pthread_create(&t, NULL, file_task, NULL);
    waitgroup_add(wg, 1);
    pthread_create(&t, NULL, task, wg);
}
static void *uncounted(void *arg)
{
    work(1);
    return arg;
}
void uncounted_first(void)
{
    pthread_t t;
    pthread_create(&t, NULL, uncounted, NULL);
    waitgroup_add(&another, 1);
    pthread_create(&t, NULL, task, &another);
    waitgroup_wait(&another);
}
static void *gated(void *arg)
{
    sem_wait(&semaphore);
    waitgroup_done(arg);
    return NULL;
}
static void *at_the_barrier(void *arg)
{
    pthread_barrier_wait(&barrier);
    waitgroup_done(arg);
    return NULL;
}
static void *behind_the_mutex(void *arg)
{
    pthread_mutex_lock(&mutex);
    work(1);
    pthread_mutex_unlock(&mutex);
    waitgroup_done(arg);
    return NULL;
}
static void *spinning(void *arg)
{
    while (!atomic_load(&go))
        thrd_yield();
    waitgroup_done(arg);
    return NULL;
}
static void *behind_a_group(void *arg)
{
    waitgroup_wait(&another);
    waitgroup_done(arg);
    return NULL;
}
static void pass(void)
{
    sem_wait(&semaphore);
}
static void *by_helper(void *arg)
{
    pass();
    waitgroup_done(arg);
    return NULL;
}
void start_gated(void)
{
    static waitgroup_t wg;
    pthread_t t;
    pthread_create(&t, NULL, gated, &wg);
    waitgroup_add(&wg, 1);
    sem_post(&semaphore);
    waitgroup_wait(&wg);
}
void start_at_the_barrier(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, at_the_barrier, wg);
    waitgroup_add(wg, 1);
    pthread_barrier_wait(&barrier);
    waitgroup_wait(wg);
}
void start_behind_the_mutex(waitgroup_t *wg)
{
    pthread_t t;
    pthread_mutex_lock(&mutex);
    pthread_create(&t, NULL, behind_the_mutex, wg);
    waitgroup_add(wg, 1);
    pthread_mutex_unlock(&mutex);
    waitgroup_wait(wg);
}
void start_spinning(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, spinning, wg);
    waitgroup_add(wg, 1);
    atomic_store(&go, 1);
    waitgroup_wait(wg);
}
void start_behind_a_group(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, behind_a_group, wg);
    waitgroup_add(wg, 1);
    waitgroup_done(&another);
    waitgroup_wait(wg);
}
void start_by_helper(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, by_helper, wg);
    waitgroup_add(wg, 1);
    sem_post(&semaphore);
    waitgroup_wait(wg);
}
void announced(waitgroup_t *wg)
{
    pthread_t t;
    announce(wg);
    pthread_create(&t, NULL, task, wg);
    waitgroup_add(wg, 1);
}
static void add_late(waitgroup_t *wg) /* its caller holds a count */
{
    pthread_t t;
    pthread_create(&t, NULL, task, wg);
    waitgroup_add(wg, 1);
}
void hold_and_add(waitgroup_t *wg)
{
    waitgroup_add(wg, 1);
    add_late(wg);
    waitgroup_done(wg);
}
static void *adds_itself(void *arg)
{
    waitgroup_t *wg = arg;
    work(1);
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
    return NULL;
}
void both(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, adds_itself, wg);
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
}
static void go_task(void *arg)
{
    (void)arg;
    work(1);
}
int after_go(waitgroup_t *wg)
{
    pthread_t t;
    int failed = waitgroup_go(wg, go_task, NULL);
    waitgroup_add(wg, 1);
    failed |= pthread_create(&t, NULL, task, wg);
    return failed;
}
