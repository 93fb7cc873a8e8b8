/* A done in a task of waitgroup_go(), which calls done itself: one too many. */
#include <pthread.h>
#include <stdio.h>
#include <waitgroup.h>

struct pool {
    int n;
    waitgroup_t group;
};
struct job {
    int n;
    struct pool *pool;
    waitgroup_t own;
};
struct pointing {
    int n;
    waitgroup_t *group;
};
struct two {
    waitgroup_t *first;
    waitgroup_t *second;
};
static waitgroup_t shared, another;
static struct pool global_pool;

/* ---- bad ---- */
static void by_file(void *arg)
{
    printf("%p\n", arg);
    waitgroup_done(&shared); // want: done-in-go-task
}
static void by_argument(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_done(wg); // want: done-in-go-task
}
static void by_cast(void *arg)
{
    if (!arg)
        return;
    waitgroup_add((waitgroup_t *)arg, -1); // want: done-in-go-task
}
static void by_void(void *arg)
{
    waitgroup_done(arg); // want: done-in-go-task
}
static void by_field(void *arg)
{
    struct job *j = arg;
    if (j->n) {
        waitgroup_done(&j->own); // want: done-in-go-task
        return;
    }
    waitgroup_done(&j->own); // want: done-in-go-task
}
static void by_pool(void *arg)
{
    struct job *j = arg;
    waitgroup_done(&j->pool->group); // want: done-in-go-task
}
static void by_global_pool(void *arg)
{
    (void)arg;
    waitgroup_done(&global_pool.group); // want: done-in-go-task
}
static void by_pointer(void *arg)
{
    struct pointing *p = arg;
    waitgroup_done(p->group); // want: done-in-go-task
}
static void by_assigned_pointer(void *arg)
{
    struct pointing *p = arg;
    waitgroup_done(p->group); // want: done-in-go-task
}
static void by_same_pointer(void *arg)
{
    struct pointing *p = arg;
    waitgroup_done(p->group); // want: done-in-go-task
}
static void forward(void *arg);
int start_bad(struct job *j, struct pool *pool, struct pointing *p, waitgroup_t *given)
{
    waitgroup_t local = WAITGROUP_INIT;
    struct pointing initialized = {1, &local};
    struct pointing assigned;
    assigned.group = given;
    int failed = waitgroup_go(&shared, by_file, j);
    failed |= waitgroup_go(&local, by_argument, &local);
    failed |= waitgroup_go(given, by_cast, given);
    failed |= waitgroup_go(&pool->group, by_void, &pool->group);
    failed |= waitgroup_go(&j->own, &by_field, j);
    failed |= waitgroup_go(&pool->group, by_pool, j);
    failed |= waitgroup_go(&global_pool.group, by_global_pool, j);
    failed |= waitgroup_go(&local, by_pointer, &initialized);
    failed |= waitgroup_go(given, by_assigned_pointer, &assigned);
    failed |= waitgroup_go(p->group, by_same_pointer, p);
    failed |= waitgroup_go(&shared, forward, p);
    waitgroup_wait(&local);
    return failed;
}
static void forward(void *arg)
{
    (void)arg;
    waitgroup_done(&shared); // want: done-in-go-task
}

/* ---- good ---- */
static void *thread(void *arg)
{
    waitgroup_done(arg);
    return NULL;
}
static void no_done(void *arg)
{
    printf("%p\n", arg);
}
static void other_group(void *arg)
{
    (void)arg;
    waitgroup_done(&another);
}
static void other_argument(void *arg)
{
    waitgroup_t *ready = arg;
    waitgroup_done(ready);
}
static void other_field(void *arg)
{
    struct job *j = arg;
    waitgroup_done(&j->own);
}
static void second_pointer(void *arg)
{
    struct two *t = arg;
    waitgroup_done(t->second);
}
int start_good(struct job *j, struct pool *pool, waitgroup_t *ready)
{
    pthread_t t;
    waitgroup_t local = WAITGROUP_INIT, ready_here = WAITGROUP_INIT;
    struct two both = {&local, &ready_here};
    pthread_create(&t, NULL, thread, &local);
    int failed = waitgroup_go(&local, no_done, &local);
    failed |= waitgroup_go(&shared, other_group, &local);
    failed |= waitgroup_go(&local, other_argument, ready);
    failed |= waitgroup_go(&pool->group, other_field, j);
    failed |= waitgroup_go(&local, second_pointer, &both);
    waitgroup_wait(&local);
    return failed;
}
static void balanced(void *arg) /* counts what it starts, and what that does not finish */
{
    pthread_t t;
    waitgroup_add(arg, 1);
    if (pthread_create(&t, NULL, thread, arg) != 0)
        waitgroup_done(arg);
}
int start_balanced(waitgroup_t *wg)
{
    return waitgroup_go(wg, balanced, wg);
}
static void early(void *arg) /* its starter counted it once more: it tells when the first half is there */
{
    waitgroup_done(arg);
    printf("second half\n");
}
int start_early(waitgroup_t *wg)
{
    waitgroup_add(wg, 1);
    return waitgroup_go(wg, early, wg);
}
struct node {
    waitgroup_t children;
    struct node *child;
};
static void visit(void *arg) /* a group of the same field, of another object */
{
    struct node *n = arg;
    waitgroup_done(&n->children);
}
int start_visit(struct node *n)
{
    struct node *child = n->child;
    return waitgroup_go(&n->children, visit, child);
}
static void either(void *arg) /* of one file, by two ways */
{
    waitgroup_done(arg);
}
int start_either(void)
{
    pthread_t t;
    pthread_create(&t, NULL, (void *(*)(void *))either, &shared);
    return waitgroup_go(&another, either, &shared);
}
static void counted_too(void *arg) /* an add for another group is no excuse */
{
    printf("%p\n", arg);
    waitgroup_done(&shared); // want: done-in-go-task
}
int start_counted_too(void)
{
    pthread_t t;
    waitgroup_add(&another, 1);
    pthread_create(&t, NULL, thread, &another);
    return waitgroup_go(&shared, counted_too, NULL);
}
