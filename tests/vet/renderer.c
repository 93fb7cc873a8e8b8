/* A renderer as a user writes it: copies four deep, ways out, starters and their helpers, locks and queues.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <waitgroup.h>

struct image {
    unsigned char *px;
    int w, h;
};
struct tile {
    struct image *img;
    int y0, y1;
    waitgroup_t *wg;
    int err;
};
struct inner {
    waitgroup_t g;
    int a;
};
struct mid {
    struct inner in[2];
};
struct outer {
    union {
        struct mid m;
        long pad[16];
    };
    int z;
};
struct holder {
    struct outer o[3];
};
struct renderer {
    waitgroup_t busy;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct tile *queue[64];
    int head, tail;
    bool stop;
};
int decode(const char *p, struct image *out);
int blur(struct image *i, int y);
void logf_(const char *s, ...);
static pthread_t tid;

/* copies */
void copy_four_deep(struct holder *to, const struct holder *from)
{
    *to = *from;                               // want: copy
    to->o[1] = from->o[0];                     // want: copy
    to->o[2].m = from->o[1].m;                 // want: copy
    to->o[0].m.in[1] = from->o[0].m.in[0];     // want: copy
    to->o[0].m.in[1].g = from->o[0].m.in[0].g; // want: copy
    to->o[0].z = from->o[0].z;
    memcpy(&to->o[0].m, &from->o[0].m, sizeof to->o[0].m); // want: copy
}
struct holder by_value(struct holder h) // want: copy
{
    return h; // want: copy
}
int sum(const struct outer *o)
{
    int s = 0;
    for (int i = 0; i < 2; i++)
        s += o->m.in[i].a;
    return s;
}

/* ways */
static void *tile_run(void *p)
{
    struct tile *t = p;
    for (int y = t->y0; y < t->y1; y++) {
        t->err = blur(t->img, y);
        if (t->err)
            return NULL; // want: missing-done
    }
    waitgroup_done(t->wg);
    return NULL;
}
static void tile_finish(struct tile *t)
{
    if (t->err)
        logf_("tile failed: %d", t->err);
    waitgroup_done(t->wg); // want: done-in-go-task
    free(t);
}
static void *tile_run2(void *p)
{
    struct tile *t = p;
    switch (t->img->w) {
    case 0:
        tile_finish(t);
        return NULL;
    case 1:
        logf_("narrow");
        return NULL; // want: missing-done
    default:
        break;
    }
    while (t->y0 < t->y1) {
        if (blur(t->img, t->y0++))
            break;
    }
    tile_finish(t);
    return NULL;
}
static bool tile_check(struct tile *t)
{
    if (!t->img) {
        tile_finish(t);
        return false;
    }
    return true;
}
static void *tile_run3(void *p)
{
    struct tile *t = p;
    if (!tile_check(t))
        return NULL;
    blur(t->img, 0);
    tile_finish(t);
    return NULL;
}
static void *tile_run4(void *p)
{
    struct tile *t = p;
    if (!t->img)
        goto bad;
    if (blur(t->img, t->y0) < 0)
        goto out;
    t->err = 0;
out:
    waitgroup_done(t->wg);
    return NULL;
bad:
    t->err = EINVAL;
    return NULL; // want: missing-done
}
static void give_up(const char *why)
{
    logf_("%s", why);
    pthread_exit(NULL);
}
static void *tile_run5(void *p)
{
    struct tile *t = p;
    if (!t->img)
        give_up("no image"); // want: missing-done
    waitgroup_done(t->wg);
    return NULL;
}
static void *tile_run6(void *p)
{
    struct tile *t = p;
    int rc;
    do {
        rc = blur(t->img, t->y0);
    } while (rc == EAGAIN);
    if (rc == 0)
        waitgroup_done(t->wg);
    else if (rc == EINVAL)
        waitgroup_done(t->wg);
    return NULL; // want: missing-done
}
static void *tile_run7(void *p)
{
    struct tile *t = p;
    bool finished = false;
    if (blur(t->img, 1)) {
        waitgroup_done(t->wg);
        finished = true;
    }
    if (finished)
        return NULL;
    if (!finished)
        waitgroup_done(t->wg);
    return NULL;
}
int render(struct image *img, int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    void *(*run[])(void *) = {tile_run2};
    (void)run;
    for (int i = 0; i < n; i++) {
        struct tile *t = calloc(1, sizeof *t);
        if (!t)
            break;
        *t = (struct tile){img, i, i + 1, &wg, 0};
        waitgroup_add(&wg, 1);
        if (pthread_create(&tid, NULL, tile_run2, t)) {
            tile_finish(t);
            continue;
        }
        pthread_detach(tid);
    }
    waitgroup_wait(&wg);
    return 0;
}
void others(struct tile *t)
{
    waitgroup_add(t->wg, 6);
    pthread_create(&tid, NULL, tile_run, t);
    pthread_create(&tid, NULL, tile_run3, t);
    pthread_create(&tid, NULL, tile_run4, t);
    pthread_create(&tid, NULL, tile_run5, t);
    pthread_create(&tid, NULL, tile_run6, t);
    pthread_create(&tid, NULL, tile_run7, t);
}

/* starters */
static void *plain(void *p)
{
    struct tile *t = p;
    blur(t->img, 0);
    waitgroup_done(t->wg);
    return NULL;
}
int stack_early(struct tile *t)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    t->wg = &wg;
    waitgroup_add(&wg, 1);
    if (pthread_create(&tid, NULL, plain, t) != 0)
        return -1;
    if (t->y0 < 0) {
        logf_("negative");
        return -2;
    }
    waitgroup_wait(&wg);
    return 0;
}
static int spawn(struct tile *t, waitgroup_t *wg)
{
    t->wg = wg;
    waitgroup_add(wg, 1);
    int rc = pthread_create(&tid, NULL, plain, t);
    if (rc)
        waitgroup_done(wg);
    return rc;
}
int stack_by_helper(struct tile *a, struct tile *b)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    if (spawn(a, &wg))
        return -1;
    if (spawn(b, &wg))
        return -1;
    waitgroup_wait(&wg);
    return 0;
}
int stack_by_helper_well(struct tile *a, struct tile *b)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int rc = spawn(a, &wg);
    if (rc == 0)
        rc = spawn(b, &wg);
    waitgroup_wait(&wg);
    return rc;
}
int late_add(struct tile *t)
{
    static waitgroup_t wg;
    t->wg = &wg;
    if (pthread_create(&tid, NULL, plain, t) != 0)
        return -1;
    waitgroup_add(&wg, 1); // want: add-after-start
    waitgroup_wait(&wg);
    return 0;
}
int skipped(struct tile *tiles, int n)
{
    static waitgroup_t wg;
    for (int i = 0; i < n; i++) {
        waitgroup_add(&wg, 1); // want: not-started
        if (tiles[i].err)
            continue;
        tiles[i].wg = &wg;
        if (pthread_create(&tid, NULL, plain, &tiles[i]) != 0)
            waitgroup_done(&wg);
    }
    waitgroup_wait(&wg);
    return 0;
}
static void *self_add(void *p)
{
    struct tile *t = p;
    waitgroup_add(t->wg, 1); // want: add-in-task
    blur(t->img, 0);
    waitgroup_done(t->wg);
    return NULL;
}
void start_self_add(struct tile *t)
{
    waitgroup_t wg = WAITGROUP_INIT;
    t->wg = &wg;
    if (pthread_create(&tid, NULL, self_add, t))
        return;
    waitgroup_wait(&wg);
}
static void go_task(void *p)
{
    struct tile *t = p;
    blur(t->img, 0);
    tile_finish(t);
}
int start_go(struct tile *t)
{
    return waitgroup_go(t->wg, go_task, t);
}
static void waits_itself(void *p)
{
    struct renderer *r = p;
    logf_("draining");
    waitgroup_wait(&r->busy); // want: wait-in-task
}
int start_waits(struct renderer *r)
{
    return waitgroup_go(&r->busy, waits_itself, r);
}

/* locks */
static void *locks(void *p)
{
    struct renderer *r = p;
    pthread_mutex_lock(&r->mu);
    r->head++;
    pthread_mutex_unlock(&r->mu);
    waitgroup_done(&r->busy);
    return NULL;
}
void stop_locked(struct renderer *r)
{
    pthread_mutex_lock(&r->mu);
    r->stop = true;
    pthread_cond_broadcast(&r->cv);
    waitgroup_wait(&r->busy); // want: wait-locked
    pthread_mutex_unlock(&r->mu);
}
void stop_well(struct renderer *r)
{
    pthread_mutex_lock(&r->mu);
    r->stop = true;
    pthread_mutex_unlock(&r->mu);
    waitgroup_wait(&r->busy);
}
int start_locks(struct renderer *r)
{
    waitgroup_add(&r->busy, 1);
    return pthread_create(&tid, NULL, locks, r);
}
struct job {
    pthread_mutex_t mu;
    waitgroup_t wg;
    int left;
};
static void *last_out(void *p)
{
    struct job *j = p;
    pthread_mutex_lock(&j->mu);
    j->left--;
    waitgroup_done(&j->wg); // want: done-locked
    pthread_mutex_unlock(&j->mu);
    return NULL;
}
int run_job(void)
{
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return -1;
    pthread_mutex_init(&j->mu, NULL);
    waitgroup_add(&j->wg, 1);
    if (pthread_create(&tid, NULL, last_out, j)) {
        free(j);
        return -1;
    }
    pthread_detach(tid);
    waitgroup_wait(&j->wg);
    pthread_mutex_destroy(&j->mu);
    free(j);
    return 0;
}
static void *worker(void *p)
{
    struct renderer *r = p;
    for (;;) {
        pthread_mutex_lock(&r->mu);
        while (r->head == r->tail && !r->stop)
            pthread_cond_wait(&r->cv, &r->mu);
        if (r->head == r->tail) {
            pthread_mutex_unlock(&r->mu);
            return NULL;
        }
        struct tile *t = r->queue[r->head++ % 64];
        pthread_mutex_unlock(&r->mu);
        blur(t->img, t->y0);
        waitgroup_done(&r->busy);
    }
}
void push_then_count(struct renderer *r, struct tile *t)
{
    pthread_mutex_lock(&r->mu);
    r->queue[r->tail++ % 64] = t;
    pthread_cond_signal(&r->cv);
    pthread_mutex_unlock(&r->mu);
    waitgroup_add(&r->busy, 1); // want: add-after-hand-over
}
void count_then_push(struct renderer *r, struct tile *t)
{
    waitgroup_add(&r->busy, 1);
    pthread_mutex_lock(&r->mu);
    r->queue[r->tail++ % 64] = t;
    pthread_cond_signal(&r->cv);
    pthread_mutex_unlock(&r->mu);
}
int start_worker(struct renderer *r)
{
    return pthread_create(&tid, NULL, worker, r);
}

/* what another thread may change is asked again */
static void *asks_again(void *p)
{
    struct renderer *r = p;
    if (r->stop) {
        waitgroup_done(&r->busy);
        return NULL;
    }
    pthread_mutex_lock(&r->mu);
    if (r->stop) {
        pthread_mutex_unlock(&r->mu);
        return NULL; // want: missing-done
    }
    pthread_mutex_unlock(&r->mu);
    waitgroup_done(&r->busy);
    return NULL;
}
void start_asks_again(struct renderer *r)
{
    waitgroup_add(&r->busy, 1);
    pthread_create(&tid, NULL, asks_again, r);
}
/* no add at the begin: something else comes first */
static void *adds_second(void *p)
{
    struct tile *t = p;
    logf_("tile");
    waitgroup_add(t->wg, 1);
    waitgroup_done(t->wg);
    return NULL;
}
void start_adds_second(struct tile *t)
{
    waitgroup_t wg = WAITGROUP_INIT;
    t->wg = &wg;
    if (pthread_create(&tid, NULL, adds_second, t))
        return;
    waitgroup_wait(&wg);
}
/* the function of another file may have called done before it failed */
int enqueue(waitgroup_t *wg, struct tile *t);
void enqueues(struct tile *tiles, int n)
{
    static waitgroup_t wg;
    for (int i = 0; i < n; i++) {
        waitgroup_add(&wg, 1);
        tiles[i].wg = &wg;
        if (enqueue(&wg, &tiles[i]) != 0)
            continue;
        if (pthread_create(&tid, NULL, plain, &tiles[i]) != 0)
            waitgroup_done(&wg);
    }
    waitgroup_wait(&wg);
}
