/* A wait that holds a mutex, and whose mutex that is: that of a task of the group, or another. */
#include <pthread.h>
#include <waitgroup.h>

typedef struct pool {
    waitgroup_t group;
    pthread_mutex_t lock;
    pthread_mutex_t *shared;
    int n;
} pool_t;
struct job {
    waitgroup_t *group;
    pthread_mutex_t *lock;
};
static pthread_t thread;
int work(int n);

static pool_t one_pool, other_pool, whole_pool;
static pthread_mutex_t given = PTHREAD_MUTEX_INITIALIZER, helped = PTHREAD_MUTEX_INITIALIZER;
static waitgroup_t all_given, all_helped, all_in_pools;
static void *takes_its_own(void *arg)
{
    pool_t *p = arg;
    pthread_mutex_lock(&p->lock);
    p->n++;
    pthread_mutex_unlock(&p->lock);
    waitgroup_done(&p->group);
    return NULL;
}
static void *takes_shared(void *arg)
{
    pool_t *p = arg;
    pthread_mutex_lock(p->shared);
    p->n++;
    pthread_mutex_unlock(p->shared);
    waitgroup_done(&p->group);
    return NULL;
}
static void *takes_other(void *arg)
{
    pthread_mutex_lock(&other_pool.lock);
    other_pool.n++;
    pthread_mutex_unlock(&other_pool.lock);
    waitgroup_done(&one_pool.group);
    return arg;
}
static void *takes_given(void *arg)
{
    pthread_mutex_t *m = arg;
    pthread_mutex_lock(m);
    work(1);
    pthread_mutex_unlock(m);
    waitgroup_done(&all_given);
    return NULL;
}
static void *takes_pointed(void *arg)
{
    struct job *j = arg;
    pthread_mutex_lock(j->lock);
    work(1);
    pthread_mutex_unlock(j->lock);
    waitgroup_done(j->group);
    return NULL;
}
static void *takes_helped(void *arg)
{
    pthread_mutex_lock(&helped);
    work(1);
    pthread_mutex_unlock(&helped);
    waitgroup_done(&all_helped);
    return arg;
}
static void *takes_handed(void *arg)
{
    pool_t *p = arg;
    pthread_mutex_lock(&p->lock);
    p->n++;
    pthread_mutex_unlock(&p->lock);
    waitgroup_done(&all_in_pools);
    return NULL;
}
void locks_by_alias(pool_t *p)
{
    pthread_mutex_t *m = &p->lock;
    waitgroup_t *g = &p->group;
    waitgroup_add(g, 1);
    pthread_create(&thread, NULL, takes_its_own, p);
    pthread_mutex_lock(m);
    waitgroup_wait(g); // want: wait-locked
    pthread_mutex_unlock(m);
}
void locks_by_pointer(pool_t *p, pool_t *q)
{
    waitgroup_add(&p->group, 1);
    pthread_create(&thread, NULL, takes_shared, p);
    pthread_mutex_lock(p->shared);
    waitgroup_wait(&p->group); // want: wait-locked
    pthread_mutex_unlock(p->shared);
    pthread_mutex_lock(q->shared);
    waitgroup_wait(&p->group);
    pthread_mutex_unlock(q->shared);
}
void locks_given(void)
{
    waitgroup_add(&all_given, 1);
    pthread_create(&thread, NULL, takes_given, &given);
    pthread_mutex_lock(&given);
    waitgroup_wait(&all_given); // want: wait-locked
    pthread_mutex_unlock(&given);
}
void locks_pointed(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
    waitgroup_t wg = WAITGROUP_INIT;
    struct job j = {.group = &wg, .lock = &lock};
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, takes_pointed, &j);
    pthread_mutex_lock(&other);
    waitgroup_wait(&wg);
    pthread_mutex_unlock(&other);
    pthread_mutex_lock(&lock);
    waitgroup_wait(&wg); // want: wait-locked
    pthread_mutex_unlock(&lock);
}
void locks_handed(pool_t *p, pool_t *q)
{
    waitgroup_add(&all_in_pools, 1);
    pthread_create(&thread, NULL, takes_handed, p);
    pthread_mutex_lock(&q->lock);
    waitgroup_wait(&all_in_pools);
    pthread_mutex_unlock(&q->lock);
    pthread_mutex_lock(&p->lock);
    waitgroup_wait(&all_in_pools); // want: wait-locked
    pthread_mutex_unlock(&p->lock);
}
static void go_takes_handed(void *arg)
{
    pool_t *p = arg;
    pthread_mutex_lock(&p->lock);
    p->n++;
    pthread_mutex_unlock(&p->lock);
}
int locks_for_go(pool_t *p, pool_t *q)
{
    static waitgroup_t wg;
    int failed = waitgroup_go(&wg, go_takes_handed, p);
    pthread_mutex_lock(&q->lock);
    waitgroup_wait(&wg);
    pthread_mutex_unlock(&q->lock);
    pthread_mutex_lock(&p->lock);
    waitgroup_wait(&wg); // want: wait-locked
    pthread_mutex_unlock(&p->lock);
    return failed;
}
void locks_whole(void)
{
    waitgroup_add(&whole_pool.group, 1);
    pthread_create(&thread, NULL, takes_its_own, &whole_pool);
    pthread_mutex_lock(&whole_pool.lock);
    waitgroup_wait(&whole_pool.group); // want: wait-locked
    pthread_mutex_unlock(&whole_pool.lock);
}
void locks_one_pool(void)
{
    waitgroup_add(&one_pool.group, 1);
    pthread_create(&thread, NULL, takes_other, NULL);
    pthread_mutex_lock(&one_pool.lock);
    waitgroup_wait(&one_pool.group);
    pthread_mutex_unlock(&one_pool.lock);
    pthread_mutex_lock(&other_pool.lock);
    waitgroup_wait(&one_pool.group); // want: wait-locked
    pthread_mutex_unlock(&other_pool.lock);
}
static void let_go(void)
{
    pthread_mutex_unlock(&helped);
}
void locks_helped(void)
{
    waitgroup_add(&all_helped, 1);
    pthread_create(&thread, NULL, takes_helped, NULL);
    pthread_mutex_lock(&helped);
    work(1);
    let_go();
    waitgroup_wait(&all_helped);
}
