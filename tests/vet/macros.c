/* Macros, odd syntax, and what else stands in real sources. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <waitgroup.h>

#define TRY(call)          \
  do {                     \
    int rc_ = (call);      \
    if (rc_ != 0)          \
      return rc_;          \
  } while (0)
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define FOR_EACH(i, n) for (int i = 0; i < (n); i++)
#define FINISH(j)                   \
  do {                              \
    waitgroup_done((j)->wg);        \
    return NULL;                    \
  } while (0)
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define MUST(x) ((x) == 0 ? (void)0 : abort())

struct link {
    struct link *next;
};
struct job {
    struct link link;
    waitgroup_t *wg;
    int n;
};
int compute(int n);
void note(const char *text);

/* ---- good ---- */
static void *finishes_by_macro(void *arg)
{
    struct job *j = arg;
    if (j->n < 0)
        FINISH(j);
    FOR_EACH(i, j->n)
    {
        if (unlikely(compute(i) < 0))
            FINISH(j);
    }
    FINISH(j);
}
static void *of_a_link(void *arg)
{
    struct job *j = container_of((struct link *)arg, struct job, link);
    note("link");
    waitgroup_done(j->wg);
    return NULL;
}
static void *asserts(void *arg)
{
    struct job *j = arg;
    assert(j != NULL && j->wg != NULL);
    if (likely(compute(1) == 0))
        note("likely");
    waitgroup_done(j->wg);
    return NULL;
}
static void *work(void *arg)
{
    struct job *j = arg;
    j->n = compute(j->n);
    waitgroup_done(j->wg);
    return NULL;
}
int tries(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    j->wg = &wg;
    waitgroup_add(&wg, 1);
    TRY(pthread_create(&t, NULL, work, j));
    waitgroup_wait(&wg);
    return 0;
}
int must(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    j->wg = &wg;
    waitgroup_add(&wg, 1);
    MUST(pthread_create(&t, NULL, work, j));
    MUST(pthread_detach(t));
    waitgroup_wait(&wg);
    return 0;
}
int asserted(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    j->wg = &wg;
    waitgroup_add(&wg, 1);
    int rc = pthread_create(&t, NULL, work, j);
    assert(rc == 0);
    waitgroup_wait(&wg);
    return rc;
}
int negative_errno(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    int ret = 0;
    j->wg = &wg;
    waitgroup_add(&wg, 1);
    if ((ret = -pthread_create(&t, NULL, work, j)) < 0)
        goto out;
    waitgroup_wait(&wg);
out:
    return ret;
}
int flag_by_result(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    bool ok = true;
    j->wg = &wg;
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, work, j) != 0)
        ok = false;
    if (ok)
        waitgroup_wait(&wg);
    return ok ? 0 : -1;
}
int ok_and(struct job *j, bool wanted)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    j->wg = &wg;
    waitgroup_add(&wg, 1);
    if (wanted && pthread_create(&t, NULL, work, j) == 0)
        waitgroup_wait(&wg);
    return 0;
}
int by_array(struct job *all)
{
    waitgroup_t wg[3] = {WAITGROUP_INIT, WAITGROUP_INIT, WAITGROUP_INIT};
    pthread_t t[3];
    FOR_EACH(i, 3)
    {
        all[i].wg = &wg[i];
        waitgroup_add(&wg[i], 1);
        if (pthread_create(&t[i], NULL, work, &all[i]) != 0)
            work(&all[i]);
    }
    FOR_EACH(i, 3)
    waitgroup_wait(&wg[i]);
    return 0;
}
static int start_two(pthread_t t[2], struct job *j)
{
    TRY(pthread_create(&t[0], NULL, work, j));
    TRY(pthread_create(&t[1], NULL, work, j));
    return 0;
}
int two_or_exit(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t[2];
    j->wg = &wg;
    waitgroup_add(&wg, 2);
    if (start_two(t, j))
        exit(1);
    waitgroup_wait(&wg);
    return 0;
}
void start_good(struct job *j)
{
    pthread_t t;
    waitgroup_add(j->wg, 3);
    pthread_create(&t, NULL, finishes_by_macro, j);
    pthread_create(&t, NULL, of_a_link, &j->link);
    pthread_create(&t, NULL, asserts, j);
    waitgroup_wait(j->wg);
}
static void *(*const table[])(void *) = {work, asserts};
void by_table(struct job *j)
{
    pthread_t t;
    waitgroup_add(j->wg, 2);
    FOR_EACH(i, 2)
    pthread_create(&t, NULL, table[i], j);
    waitgroup_wait(j->wg);
}
struct ops {
    void *(*run)(void *);
};
void by_ops(const struct ops *ops, struct job *j)
{
    pthread_t t;
    waitgroup_add(j->wg, 1);
    if (pthread_create(&t, NULL, ops->run, j) != 0)
        waitgroup_done(j->wg);
    waitgroup_wait(j->wg);
}
static void *counts_more(void *arg)
{
    struct job *j = arg;
    waitgroup_add(j->wg, 1); /* its starter's count holds */
    pthread_t t;
    if (pthread_create(&t, NULL, work, j) != 0)
        waitgroup_done(j->wg);
    waitgroup_done(j->wg);
    return NULL;
}
void more(struct job *j)
{
    pthread_t t;
    waitgroup_add(j->wg, 1);
    if (pthread_create(&t, NULL, counts_more, j) != 0)
        waitgroup_done(j->wg);
    waitgroup_wait(j->wg);
}
static void *optional_group(void *arg)
{
    struct job *j = arg;
    waitgroup_t *wg = j->wg;
    compute(j->n);
    free(j);
    if (wg)
        waitgroup_done(wg);
    return NULL;
}
void detached(int n)
{
    struct job *j = calloc(1, sizeof *j);
    pthread_t t;
    j->n = n;
    pthread_create(&t, NULL, optional_group, j);
}

/* ---- bad ---- */
static void *macro_forgets(void *arg)
{
    struct job *j = arg;
    if (unlikely(compute(1) < 0))
        return NULL; // want: missing-done
    FINISH(j);
}
static void *loop_by_macro(void *arg)
{
    struct job *j = arg;
    FOR_EACH(i, 3)
    {
        if (compute(i))
            return arg; // want: missing-done
    }
    waitgroup_done(j->wg);
    return NULL;
}
void start_bad(struct job *j)
{
    pthread_t t;
    waitgroup_add(j->wg, 2);
    pthread_create(&t, NULL, macro_forgets, j);
    pthread_create(&t, NULL, loop_by_macro, j);
    waitgroup_wait(j->wg);
}
int forgets_the_started(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t[2];
    j->wg = &wg;
    waitgroup_add(&wg, 2);
    if (start_two(t, j) != 0)
        return -1;
    waitgroup_wait(&wg);
    return 0;
}
int wrong_label(struct job *j)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    int rc;
    j->wg = &wg;
    waitgroup_add(&wg, 1);
    rc = pthread_create(&t, NULL, work, j);
    if (rc != 0)
        goto out;
    rc = compute(1);
    if (rc < 0)
        goto out;
    waitgroup_wait(&wg);
out:
    return rc;
}
