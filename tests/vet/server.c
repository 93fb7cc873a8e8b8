/* Larger shapes: a server, its workers, their contexts. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <waitgroup.h>
typedef struct server server_t;
struct server {
    waitgroup_t workers;
    pthread_mutex_t mu;
    int count;
    int stop;
};
typedef struct {
    server_t *srv;
    int id;
} worker_arg;
typedef struct {
    waitgroup_t *wg;
    pthread_mutex_t *mu;
    int *total;
} ctx_t;
static server_t global_server;
void handle(int id);
int prepare(int id);
/* 1: copies */
static void snapshot(server_t *s)
{
    server_t copy = *s; // want: copy
    printf("%d\n", copy.count);
}
static server_t servers[2];
static void copy_array(int i, int j)
{
    servers[i] = servers[j]; // want: copy
}
static int by_value(server_t s) // want: copy
{
    return s.count;
}
static int pass(server_t *s)
{
    return by_value(*s); // want: copy
}
struct grid {
    waitgroup_t cells[2][2];
};
static void copy_grid(struct grid *a, struct grid *b)
{
    *a = *b;                                                       // want: copy
    memcpy(a->cells, b->cells, sizeof a->cells);                   // want: copy
    memcpy(&a->cells[0][0], &b->cells[1][1], sizeof(waitgroup_t)); // want: copy
}
static struct grid *dup_grid(const struct grid *g)
{
    struct grid *n = malloc(sizeof *n);
    memcpy(n, g, sizeof *n); // want: copy
    return n;
}
static struct {
    waitgroup_t w;
} anon_a, anon_b;
static void anon(void)
{
    anon_a = anon_b; // want: copy
}
static void comp(server_t *s)
{
    server_t *t = &(server_t){.workers = s->workers}; // want: copy
    t->count = (*s).count;
}
static waitgroup_t ter(int c, waitgroup_t *a, waitgroup_t *b)
{
    return c ? *a : *b; // want: copy
}
static void loop_copy(server_t *all, int n)
{
    for (int i = 0; i < n; i++) {
        server_t s = all[i]; // want: copy
        printf("%d\n", s.count);
    }
}
static void swap(waitgroup_t *a, waitgroup_t *b)
{
    waitgroup_t tmp = *a; // want: copy
    *a = *b;              // want: copy
    *b = tmp;             // want: copy
}
static void good_copies(server_t *s, server_t *t, ctx_t *c, ctx_t *d)
{
    *c = *d;
    s->count = t->count;
    s->mu = t->mu;
    worker_arg a = {s, 1}, b = a;
    (void)b;
    memset(&s->workers, 0, sizeof s->workers);
    *s = (server_t){.count = 1};
    s->workers = (waitgroup_t)WAITGROUP_INIT;
    server_t *p = s;
    waitgroup_t *w = &p->workers, **ww = &w;
    *ww = &t->workers;
    memcpy(c, d, sizeof *c);
    memcpy(&w, ww, sizeof w);
    printf("%zu\n", sizeof(*s) + sizeof(s->workers));
}
/* 2 */
static void *w1(void *p)
{
    worker_arg *a = p;
    waitgroup_add(&a->srv->workers, 1); // want: add-in-task
    handle(a->id);
    waitgroup_done(&a->srv->workers);
    free(a);
    return NULL;
}
static void *w2(void *p)
{
    (void)p;
    waitgroup_add(&global_server.workers, 1); // want: add-in-task
    handle(2);
    waitgroup_done(&global_server.workers);
    return NULL;
}
static void *w3(void *p)
{
    ctx_t *c = p;
    int *total = c->total;
    waitgroup_add(c->wg, 1); // want: add-in-task
    *total += 1;
    waitgroup_done(c->wg);
    pthread_exit(NULL);
}
static void start(server_t *s, ctx_t *c)
{
    for (int i = 0; i < 3; i++) {
        worker_arg *a = malloc(sizeof *a);
        a->srv = s;
        a->id = i;
        pthread_t t;
        if (pthread_create(&t, NULL, w1, a) == 0)
            pthread_detach(t);
    }
    pthread_t u;
    pthread_create(&u, NULL, w2, NULL);
    pthread_create(&u, NULL, w3, c);
    waitgroup_wait(&s->workers);
}
/* 3 */
static void *m1(void *p)
{
    worker_arg *a = p;
    do {
        if (prepare(a->id) < 0) {
            fprintf(stderr, "bad\n");
            return NULL; // want: missing-done
        }
    } while (a->id++ < 3);
    waitgroup_done(&a->srv->workers);
    return NULL;
}
static void *m2(void *p)
{
    server_t *s = p;
    int r = prepare(1);
    if (r < 0) {
        if (r == -1)
            return NULL; // want: missing-done
        else
            pthread_exit(NULL); // want: missing-done
    }
    pthread_mutex_lock(&s->mu);
    if (s->stop) {
        pthread_mutex_unlock(&s->mu);
        return NULL; // want: missing-done
    }
    s->count++;
    pthread_mutex_unlock(&s->mu);
    waitgroup_done(&s->workers);
    pthread_exit(NULL);
}
static void *m3(void *p)
{
    ctx_t *ctx = p;
    char *buf = malloc(10);
    if (buf == NULL)
        return NULL; // want: missing-done
    free(buf);
    waitgroup_done(ctx->wg);
    return NULL;
}
static void *m4(void *p)
{
    ctx_t *ctx = p;
    char *buf = NULL;
    if (ctx->total == NULL)
        goto out;
    buf = malloc(10);
out:
    free(buf);
    waitgroup_done(ctx->wg);
    return NULL;
}
static void mstart(server_t *s, ctx_t *c, worker_arg *a)
{
    pthread_t t;
    waitgroup_add(&s->workers, 4);
    pthread_create(&t, NULL, m1, a);
    pthread_create(&t, NULL, m2, s);
    pthread_create(&t, NULL, m3, c);
    pthread_create(&t, NULL, m4, c);
    waitgroup_wait(&s->workers);
}
/* 4 */
static void g1(void *p)
{
    worker_arg *a = p;
    handle(a->id);
    waitgroup_done(&a->srv->workers); // want: done-in-go-task
    free(a);
}
static void g2(void *p)
{
    ctx_t *c = p;
    handle(*c->total);
    waitgroup_done(c->wg); // want: done-in-go-task
}
static int gstart(server_t *s, waitgroup_t *wg)
{
    ctx_t *c = calloc(1, sizeof *c);
    c->wg = wg;
    int rc = 0;
    for (int i = 0; i < 3 && rc == 0; i++) {
        worker_arg *a = malloc(sizeof *a);
        a->srv = s;
        a->id = i;
        rc = waitgroup_go(&s->workers, g1, a);
    }
    rc |= waitgroup_go(wg, g2, c);
    waitgroup_wait(&s->workers);
    return rc;
}
/* 6 */
static void *l1(void *p)
{
    server_t *s = p;
    pthread_mutex_lock(&s->mu);
    s->count++;
    pthread_mutex_unlock(&s->mu);
    waitgroup_done(&s->workers);
    return NULL;
}
static void lwait(server_t *s)
{
    pthread_t t;
    waitgroup_add(&s->workers, 1);
    if (pthread_create(&t, NULL, l1, s) != 0) {
        waitgroup_done(&s->workers);
        return;
    }
    pthread_mutex_lock(&s->mu);
    s->stop = 1;
    waitgroup_wait(&s->workers); // want: wait-locked
    printf("%d\n", s->count);
    pthread_mutex_unlock(&s->mu);
}
static void lgood(server_t *s)
{
    pthread_mutex_lock(&s->mu);
    s->stop = 1;
    pthread_mutex_unlock(&s->mu);
    waitgroup_wait(&s->workers);
    pthread_mutex_lock(&s->mu);
    printf("%d\n", s->count);
    pthread_mutex_unlock(&s->mu);
}
static pthread_mutex_t big = PTHREAD_MUTEX_INITIALIZER;
static void *l2(void *p)
{
    ctx_t *c = p;
    pthread_mutex_lock(&big);
    ++*c->total;
    pthread_mutex_unlock(&big);
    waitgroup_done(c->wg);
    return NULL;
}
static void lstart(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int total = 0;
    ctx_t c = {&wg, &big, &total};
    pthread_t t[8];
    waitgroup_add(&wg, n);
    for (int i = 0; i < n; i++)
        pthread_create(&t[i], NULL, l2, &c);
    pthread_mutex_lock(&big);
    waitgroup_wait(&wg); // want: wait-locked
    pthread_mutex_unlock(&big);
}
/* 7 */
static void *a1(void *p)
{
    worker_arg *a = p;
    handle(a->id);
    waitgroup_done(&a->srv->workers);
    free(a);
    return NULL;
}
static void astart(server_t *s)
{
    worker_arg *a = malloc(sizeof *a);
    pthread_t t;
    a->srv = s;
    a->id = 1;
    pthread_create(&t, NULL, a1, a);
    waitgroup_add(&s->workers, 1); // want: add-after-start
    waitgroup_wait(&s->workers);
}
static void *a2(void *p)
{
    ctx_t *c = p;
    ++*c->total;
    waitgroup_done(c->wg);
    return NULL;
}
static void astart2(int n)
{
    static waitgroup_t wg;
    int total = 0;
    ctx_t c = {.wg = &wg, .total = &total};
    for (int i = 0; i < n; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, a2, &c) != 0)
            continue;
        waitgroup_add(&wg, 1); // want: add-after-start
        pthread_detach(t);
    }
    waitgroup_wait(&wg);
}
/* 8 */
static int s1(int n)
{
    int total = 0;
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    ctx_t *c = malloc(sizeof *c);
    c->wg = &wg;
    c->total = &total;
    for (int i = 0; i < n; i++) {
        pthread_t t;
        waitgroup_add(&wg, 1);
        int rc = pthread_create(&t, NULL, a2, c);
        if (rc != 0) {
            waitgroup_done(&wg);
            return rc;
        }
    }
    waitgroup_wait(&wg);
    return total;
}
static int s2(int n)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, a2, &(ctx_t){.wg = &wg})) {
        return -1;
    }
    switch (n) {
    case 0:
        return 3;
    default:
        break;
    }
    waitgroup_wait(&wg);
    return 0;
}
static int s3(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, l2, &(ctx_t){.wg = &wg}))
        goto out;
    if (prepare(3) < 0)
        goto out;
    waitgroup_wait(&wg);
out:
    return 0;
}
void use(void)
{
    (void)snapshot;
    (void)copy_array;
    (void)pass;
    (void)copy_grid;
    (void)dup_grid;
    (void)anon;
    (void)comp;
    (void)ter;
    (void)loop_copy;
    (void)swap;
    (void)good_copies;
    (void)start;
    (void)mstart;
    (void)gstart;
    (void)lwait;
    (void)lgood;
    (void)lstart;
    (void)astart;
    (void)astart2;
    (void)s1;
    (void)s2;
    (void)s3;
}
