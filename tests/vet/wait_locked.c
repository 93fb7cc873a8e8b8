/* A wait that holds what a task of its group needs to finish. */
#include <pthread.h>
#include <stdio.h>
#include <threads.h>
#include <waitgroup.h>

struct pool {
    pthread_mutex_t lock;
    pthread_mutex_t other;
    waitgroup_t group;
    int n;
};
struct job {
    struct pool *pool;
    waitgroup_t *group;
    int n;
};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, unused = PTHREAD_MUTEX_INITIALIZER,
                       late = PTHREAD_MUTEX_INITIALIZER, tried = PTHREAD_MUTEX_INITIALIZER,
                       logging = PTHREAD_MUTEX_INITIALIZER, handed = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t table = PTHREAD_RWLOCK_INITIALIZER, readers = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static mtx_t mtx, recursive;
static waitgroup_t shared, loggers;
static int total;

static void *adds_up(void *arg)
{
    pthread_mutex_lock(&mutex);
    total++;
    pthread_mutex_unlock(&mutex);
    waitgroup_done(&shared);
    return arg;
}
static int c11_task(void *arg)
{
    mtx_lock(&mtx);
    total++;
    mtx_unlock(&mtx);
    waitgroup_done(&shared);
    (void)arg;
    return 0;
}
static void *writer(void *arg)
{
    pthread_rwlock_wrlock(&table);
    total++;
    pthread_rwlock_unlock(&table);
    waitgroup_done(&shared);
    return arg;
}
static void *reader(void *arg)
{
    pthread_rwlock_rdlock(&readers);
    printf("%d\n", total);
    pthread_rwlock_unlock(&readers);
    waitgroup_done(&shared);
    return arg;
}
static void *spinner(void *arg)
{
    if (arg) {
        pthread_spin_lock(&spin);
        total++;
        pthread_spin_unlock(&spin);
    }
    waitgroup_done(&shared);
    return arg;
}
static void *in_pool(void *arg)
{
    struct job *j = arg;
    pthread_mutex_lock(&j->pool->lock);
    j->pool->n++;
    pthread_mutex_unlock(&j->pool->lock);
    waitgroup_done(&j->pool->group);
    return NULL;
}
static void record(int n)
{
    pthread_mutex_lock(&handed);
    total += n;
    pthread_mutex_unlock(&handed);
}
static void *by_helper(void *arg)
{
    record(1);
    waitgroup_done(arg);
    return NULL;
}
static void go_task(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->other);
    p->n++;
    pthread_mutex_unlock(&p->other);
}
static void *pointed(void *arg)
{
    struct job *j = arg;
    mtx_lock(&recursive);
    total += j->n;
    mtx_unlock(&recursive);
    waitgroup_done(j->group);
    return NULL;
}

/* ---- bad ---- */
int start_and_wait(void)
{
    pthread_t t;
    waitgroup_add(&shared, 2);
    pthread_create(&t, NULL, adds_up, NULL);
    pthread_create(&t, NULL, adds_up, NULL);
    pthread_mutex_lock(&mutex);
    waitgroup_wait(&shared); // want: wait-locked
    int result = total;
    pthread_mutex_unlock(&mutex);
    return result;
}
void wait_elsewhere(int verbose)
{
    pthread_mutex_lock(&mutex);
    if (verbose)
        printf("waiting\n");
    if (total < 3) {
        waitgroup_wait(&shared); // want: wait-locked
    }
    pthread_mutex_unlock(&mutex);
}
int wait_with_exit(void)
{
    pthread_mutex_lock(&mutex);
    if (total) {
        pthread_mutex_unlock(&mutex);
        return -1;
    }
    waitgroup_wait(&shared); // want: wait-locked
    pthread_mutex_unlock(&mutex);
    return 0;
}
void wait_in_the_second(void)
{
    pthread_mutex_lock(&mutex);
    total = 0;
    pthread_mutex_unlock(&mutex);
    printf("started\n");
    pthread_mutex_lock(&mutex);
    waitgroup_wait(&shared); // want: wait-locked
    pthread_mutex_unlock(&mutex);
}
int wait_never_unlocked(void)
{
    if (pthread_mutex_lock(&mutex) != 0)
        return -1;
    waitgroup_wait(&shared); // want: wait-locked
    return 0;
}
int wait_until_a_deadline(const struct timespec *deadline)
{
    pthread_mutex_lock(&mutex);
    int rc = waitgroup_clockwait(&shared, CLOCK_MONOTONIC, deadline);
    pthread_mutex_unlock(&mutex);
    return rc;
}
void wait_c11(void)
{
    thrd_t t;
    waitgroup_add(&shared, 1);
    thrd_create(&t, c11_task, NULL);
    mtx_lock(&mtx);
    waitgroup_wait(&shared); // want: wait-locked
    mtx_unlock(&mtx);
}
void wait_read_write(void)
{
    pthread_t t;
    waitgroup_add(&shared, 3);
    pthread_create(&t, NULL, writer, NULL);
    pthread_create(&t, NULL, reader, NULL);
    pthread_create(&t, NULL, spinner, NULL);
    pthread_rwlock_rdlock(&table);
    waitgroup_wait(&shared); // want: wait-locked
    pthread_rwlock_unlock(&table);
    pthread_rwlock_wrlock(&readers);
    waitgroup_wait(&shared); // want: wait-locked
    pthread_rwlock_unlock(&readers);
    pthread_spin_lock(&spin);
    waitgroup_wait(&shared); // want: wait-locked
    pthread_spin_unlock(&spin);
}
void wait_in_pool(struct pool *p, struct job *j)
{
    pthread_t t;
    waitgroup_add(&p->group, 1);
    pthread_create(&t, NULL, in_pool, j);
    pthread_mutex_lock(&p->lock);
    waitgroup_wait(&p->group); // want: wait-locked
    pthread_mutex_unlock(&p->lock);
}
void wait_for_helped(void)
{
    static waitgroup_t wg;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, by_helper, &wg);
    pthread_mutex_lock(&handed);
    waitgroup_wait(&wg); // want: wait-locked
    pthread_mutex_unlock(&handed);
}
int wait_for_go(struct pool *p)
{
    int failed = waitgroup_go(&p->group, go_task, p);
    pthread_mutex_lock(&p->other);
    waitgroup_wait(&p->group); // want: wait-locked
    pthread_mutex_unlock(&p->other);
    return failed;
}
void wait_for_pointed(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    struct job j = {NULL, &wg, 1};
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, NULL, pointed, &j);
    mtx_lock(&recursive);
    waitgroup_wait(&wg); // want: wait-locked
    mtx_unlock(&recursive);
}

/* ---- good ---- */
int unlocked_before(void)
{
    pthread_mutex_lock(&mutex);
    total = 0;
    pthread_mutex_unlock(&mutex);
    waitgroup_wait(&shared);
    pthread_mutex_lock(&mutex);
    int result = total;
    pthread_mutex_unlock(&mutex);
    return result;
}
void unlocked_around(int ready)
{
    pthread_mutex_lock(&mutex);
    if (!ready) {
        pthread_mutex_unlock(&mutex);
        waitgroup_wait(&shared);
        pthread_mutex_lock(&mutex);
    }
    total = 0;
    pthread_mutex_unlock(&mutex);
}
void no_task_takes_it(void)
{
    pthread_mutex_lock(&unused);
    waitgroup_wait(&shared);
    pthread_mutex_unlock(&unused);
}
void another_mutex(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    waitgroup_wait(&shared);
    pthread_mutex_unlock(&p->lock);
}
static void *after_done(void *arg)
{
    waitgroup_done(&shared);
    pthread_mutex_lock(&late);
    total++;
    pthread_mutex_unlock(&late);
    return arg;
}
static void *tries(void *arg)
{
    if (pthread_mutex_trylock(&tried) == 0) {
        total++;
        pthread_mutex_unlock(&tried);
    }
    waitgroup_done(&shared);
    return arg;
}
static void *logger(void *arg) /* counted by another group */
{
    pthread_mutex_lock(&logging);
    printf("%d\n", total);
    pthread_mutex_unlock(&logging);
    waitgroup_done(&loggers);
    return arg;
}
static void *uncounted(void *arg)
{
    pthread_mutex_lock(&logging);
    printf("%d\n", total);
    pthread_mutex_unlock(&logging);
    return arg;
}
void wait_for_the_good(void)
{
    pthread_t t;
    waitgroup_add(&shared, 2);
    waitgroup_add(&loggers, 1);
    pthread_create(&t, NULL, after_done, NULL);
    pthread_create(&t, NULL, tries, NULL);
    pthread_create(&t, NULL, logger, NULL);
    pthread_create(&t, NULL, uncounted, NULL);
    pthread_mutex_lock(&late);
    waitgroup_wait(&shared);
    pthread_mutex_unlock(&late);
    pthread_mutex_lock(&tried);
    waitgroup_wait(&shared);
    pthread_mutex_unlock(&tried);
    pthread_mutex_lock(&logging);
    waitgroup_wait(&shared);
    pthread_mutex_unlock(&logging);
}
void readers_together(void)
{
    pthread_rwlock_rdlock(&readers);
    waitgroup_wait(&shared);
    pthread_rwlock_unlock(&readers);
}
void called(void) /* takes it, but is no task */
{
    pthread_mutex_lock(&unused);
    total++;
    pthread_mutex_unlock(&unused);
}
int by_branch(int locked)
{
    if (locked) {
        pthread_mutex_lock(&mutex);
        total++;
        pthread_mutex_unlock(&mutex);
    } else {
        waitgroup_wait(&shared);
    }
    return total;
}
