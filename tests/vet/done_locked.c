/* A done while a lock is held that is destroyed after the wait: each kind of lock, by each way to end it. */
#include <pthread.h>
#include <stdlib.h>
#include <threads.h>
#include <waitgroup.h>

typedef struct pool {
    waitgroup_t group;
    pthread_mutex_t lock;
    pthread_rwlock_t table;
    pthread_spinlock_t spin;
    mtx_t mtx;
    int n;
} pool_t;
static void start(void *(*task)(void *), pool_t *p)
{
    pthread_t t;
    waitgroup_add(&p->group, 1);
    if (pthread_create(&t, NULL, task, p) != 0)
        abort();
}

/* ---- bad ---- */
static void *inside_mutex(void *arg)
{
    pool_t *p = arg;
    pthread_mutex_lock(&p->lock);
    p->n++;
    waitgroup_done(&p->group); // want: done-locked
    pthread_mutex_unlock(&p->lock);
    return NULL;
}
void destroys_mutex(pool_t *p)
{
    start(inside_mutex, p);
    waitgroup_wait(&p->group);
    pthread_mutex_destroy(&p->lock);
}
static void *inside_rwlock(void *arg)
{
    pool_t *p = arg;
    pthread_rwlock_wrlock(&p->table);
    p->n++;
    waitgroup_done(&p->group); // want: done-locked
    pthread_rwlock_unlock(&p->table);
    return NULL;
}
void destroys_rwlock(pool_t *p)
{
    start(inside_rwlock, p);
    waitgroup_wait(&p->group);
    pthread_rwlock_destroy(&p->table);
}
static void *inside_spin(void *arg)
{
    pool_t *p = arg;
    pthread_spin_lock(&p->spin);
    p->n++;
    waitgroup_done(&p->group); // want: done-locked
    pthread_spin_unlock(&p->spin);
    return NULL;
}
void destroys_spin(pool_t *p)
{
    start(inside_spin, p);
    waitgroup_wait(&p->group);
    pthread_spin_destroy(&p->spin);
}
static void *inside_mtx(void *arg)
{
    pool_t *p = arg;
    mtx_lock(&p->mtx);
    p->n++;
    waitgroup_done(&p->group); // want: done-locked
    mtx_unlock(&p->mtx);
    return NULL;
}
void destroys_mtx(pool_t *p)
{
    start(inside_mtx, p);
    waitgroup_wait(&p->group);
    mtx_destroy(&p->mtx);
}
struct batch {
    waitgroup_t group;
    pthread_mutex_t lock;
    int n;
};
static void *inside_freed(void *arg)
{
    struct batch *b = arg;
    pthread_mutex_lock(&b->lock);
    b->n++;
    waitgroup_done(&b->group); // want: done-locked
    pthread_mutex_unlock(&b->lock);
    return NULL;
}
void frees(void)
{
    struct batch *b = calloc(1, sizeof *b);
    pthread_t t;
    if (!b || pthread_mutex_init(&b->lock, NULL) != 0)
        abort();
    waitgroup_add(&b->group, 1);
    if (pthread_create(&t, NULL, inside_freed, b) != 0)
        abort();
    waitgroup_wait(&b->group);
    free(b);
}

/* ---- good ---- */
static void *after_unlocks(void *arg)
{
    pool_t *p = arg;
    pthread_rwlock_wrlock(&p->table);
    p->n++;
    pthread_rwlock_unlock(&p->table);
    pthread_spin_lock(&p->spin);
    p->n++;
    pthread_spin_unlock(&p->spin);
    mtx_lock(&p->mtx);
    p->n++;
    mtx_unlock(&p->mtx);
    waitgroup_done(&p->group);
    return NULL;
}
void destroys_unlocked(pool_t *p)
{
    start(after_unlocks, p);
    waitgroup_wait(&p->group);
    pthread_rwlock_destroy(&p->table);
    pthread_spin_destroy(&p->spin);
    mtx_destroy(&p->mtx);
}
struct logged {
    waitgroup_t group;
    pthread_mutex_t log, scratch;
    int n;
};
static void *logs(void *arg)
{
    struct logged *l = arg;
    pthread_mutex_lock(&l->log);
    l->n++;
    waitgroup_done(&l->group);
    pthread_mutex_unlock(&l->log);
    return NULL;
}
void destroys_another(struct logged *l)
{
    pthread_t t;
    waitgroup_add(&l->group, 1);
    if (pthread_create(&t, NULL, logs, l) != 0)
        abort();
    waitgroup_wait(&l->group);
    pthread_mutex_destroy(&l->scratch);
}
