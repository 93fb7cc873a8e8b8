/* What a task or a starter does by way of other functions of the file. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <waitgroup.h>

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t some;
    waitgroup_t pending;
    int head, tail;
    bool closing;
};
struct item {
    struct pool *pool;
    waitgroup_t *wg;
    int in, out;
    void (*callback)(struct item *);
};
int compute(int n);
void trace(const char *text);
void submit_elsewhere(struct item *it);
int try_elsewhere(struct item *it);
_Noreturn void fatal(const char *why);

/* ---- bad: missing-done ---- */
static void finished(struct item *it)
{
    trace("finished");
    waitgroup_done(it->wg);
}
static void *forgets_on_error(void *arg)
{
    struct item *it = arg;
    it->out = compute(it->in);
    if (it->out < 0) {
        trace("error");
        return NULL; // want: missing-done
    }
    finished(it);
    return NULL;
}
static bool finish_if_even(struct item *it)
{
    if (it->in % 2)
        return false;
    finished(it);
    return true;
}
static void *ignores_the_answer(void *arg)
{
    struct item *it = arg;
    if (finish_if_even(it))
        return NULL;
    trace("odd");
    return NULL; // want: missing-done
}
static void *run_item(struct item *it)
{
    if (compute(it->in) < 0)
        return NULL;
    finished(it);
    return it;
}
static void *by_two_floors(void *arg)
{
    void *result = run_item(arg);
    if (!result)
        trace("failed");
    return result; // want: missing-done
}
static void quit(int code)
{
    trace("quit");
    pthread_exit((void *)(long)code);
}
static void *quits(void *arg)
{
    struct item *it = arg;
    if (it->in < 0)
        quit(1); // want: missing-done
    finished(it);
    return NULL;
}
static void quit_unless(bool ok)
{
    if (!ok)
        pthread_exit(NULL);
}
static void *may_quit(void *arg)
{
    struct item *it = arg;
    quit_unless(it->in > 0); // want: missing-done
    waitgroup_done(it->wg);
    return NULL;
}
static void leave(waitgroup_t *wg)
{
    waitgroup_done(wg);
}
static void *hands_the_group(void *arg)
{
    struct item *it = arg;
    if (it->out)
        return NULL; // want: missing-done
    leave(it->wg);
    return NULL;
}
static void *hands_its_pool(void *arg)
{
    struct pool *p = arg;
    for (int i = 0; i < 3; i++)
        if (compute(i) > 100)
            return NULL; // want: missing-done
    leave(&p->pending);
    return NULL;
}
void start_bad(struct item *it, struct pool *p)
{
    pthread_t t;
    waitgroup_add(it->wg, 6);
    pthread_create(&t, NULL, forgets_on_error, it);
    pthread_create(&t, NULL, ignores_the_answer, it);
    pthread_create(&t, NULL, by_two_floors, it);
    pthread_create(&t, NULL, quits, it);
    pthread_create(&t, NULL, may_quit, it);
    pthread_create(&t, NULL, hands_the_group, it);
    waitgroup_add(&p->pending, 1);
    pthread_create(&t, NULL, hands_its_pool, p);
}

/* ---- bad: starts by helpers ---- */
static void *work(void *arg)
{
    struct item *it = arg;
    it->out = compute(it->in);
    waitgroup_done(it->wg);
    return NULL;
}
static int launch(struct item *it)
{
    pthread_t t;
    int rc = pthread_create(&t, NULL, work, it);
    if (rc == 0)
        pthread_detach(t);
    return rc;
}
static int launch_all(struct item *items, int n)
{
    for (int i = 0; i < n; i++) {
        int rc = launch(&items[i]);
        if (rc != 0)
            return rc;
    }
    return 0;
}
int leaves_items_running(int n)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    struct item it = {.wg = &wg, .in = n};
    waitgroup_add(&wg, 1);
    int rc = launch(&it);
    if (rc != 0)
        return rc;
    if (compute(n) < 0)
        return -1;
    waitgroup_wait(&wg);
    return it.out;
}
int gives_up_half_way(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    struct item items[4];
    memset(items, 0, sizeof items);
    for (int i = 0; i < 4; i++)
        items[i].wg = &wg;
    waitgroup_add(&wg, 4);
    if (launch_all(items, 4) != 0)
        return -1;
    waitgroup_wait(&wg);
    return 0;
}
void counts_after_launch(struct item *it)
{
    launch(it);
    waitgroup_add(it->wg, 1); // want: add-after-start
    waitgroup_wait(it->wg);
}
static void count(waitgroup_t *wg)
{
    waitgroup_add(wg, 1); // want: add-after-start
}
void counts_by_helper(struct item *it)
{
    pthread_t t;
    pthread_create(&t, NULL, work, it);
    count(it->wg);
    waitgroup_wait(it->wg);
}
static void *counts_itself(void *arg)
{
    struct item *it = arg;
    waitgroup_add(it->wg, 1); // want: add-in-task
    it->out = compute(it->in);
    waitgroup_done(it->wg);
    return NULL;
}
static void spawn(void *(*task)(void *), void *arg)
{
    pthread_t t;
    if (pthread_create(&t, NULL, task, arg) != 0)
        fatal("pthread_create");
    pthread_detach(t);
}
void spawns_counting_itself(struct item *it)
{
    spawn(counts_itself, it);
    waitgroup_wait(it->wg);
}

/* ---- bad: locks by helpers ---- */
static void enter(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
}
static void leave_lock(struct pool *p)
{
    pthread_mutex_unlock(&p->lock);
}
static void *takes_by_helper(void *arg)
{
    struct pool *p = arg;
    enter(p);
    p->head++;
    leave_lock(p);
    waitgroup_done(&p->pending);
    return NULL;
}
void waits_inside(struct pool *p)
{
    waitgroup_add(&p->pending, 1);
    spawn(takes_by_helper, p);
    enter(p);
    waitgroup_wait(&p->pending); // want: wait-locked
    leave_lock(p);
}
static void drain(struct pool *p)
{
    waitgroup_wait(&p->pending); // want: wait-locked
}
void closes(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    drain(p);
    pthread_mutex_unlock(&p->lock);
}

/* ---- bad: tasks of waitgroup_go(), waits in tasks ---- */
static void go_finishes(void *arg)
{
    struct item *it = arg;
    it->out = compute(it->in);
    waitgroup_done(it->wg); // want: done-in-go-task
}
int goes(struct item *it)
{
    return waitgroup_go(it->wg, go_finishes, it);
}
static void await(waitgroup_t *wg)
{
    waitgroup_wait(wg); // want: wait-in-task
}
static void *awaits_itself(void *arg)
{
    struct item *it = arg;
    await(it->wg);
    waitgroup_done(it->wg);
    return NULL;
}
void starts_awaiting(struct item *it)
{
    waitgroup_add(it->wg, 1);
    spawn(awaits_itself, it);
}

/* ---- bad: queues ---- */
static void push(struct pool *p, int n)
{
    pthread_mutex_lock(&p->lock);
    p->tail += n;
    pthread_cond_signal(&p->some);
    pthread_mutex_unlock(&p->lock);
}
static void *consumer(void *arg)
{
    struct pool *p = arg;
    for (;;) {
        pthread_mutex_lock(&p->lock);
        while (p->head == p->tail && !p->closing)
            pthread_cond_wait(&p->some, &p->lock);
        if (p->head == p->tail) {
            pthread_mutex_unlock(&p->lock);
            return NULL;
        }
        p->head++;
        pthread_mutex_unlock(&p->lock);
        compute(p->head);
        waitgroup_done(&p->pending);
    }
}
void produces(struct pool *p)
{
    spawn(consumer, p);
    for (int i = 0; i < 10; i++) {
        push(p, 1);
        waitgroup_add(&p->pending, 1); // want: add-after-hand-over
    }
    waitgroup_wait(&p->pending);
}
static sem_t items;
static waitgroup_t by_semaphore;
static void *takes_items(void *arg)
{
    for (;;) {
        sem_wait(&items);
        compute(1);
        waitgroup_done(&by_semaphore);
    }
    return arg;
}
void posts(void)
{
    spawn(takes_items, NULL);
    sem_post(&items);
    waitgroup_add(&by_semaphore, 1); // want: add-after-hand-over
    waitgroup_wait(&by_semaphore);
}

/* ---- good: an add after a push that counts something else; a count that another file's thread gives back ---- */
static waitgroup_t afterwards, answered;
static void *cleans_up(void *arg)
{
    compute(2);
    waitgroup_done(&afterwards);
    return arg;
}
void pushes_then_counts_another(struct pool *p)
{
    push(p, 1);
    waitgroup_add(&afterwards, 1);
    spawn(cleans_up, NULL);
    waitgroup_wait(&afterwards);
}
static void *answers_itself(void *arg)
{
    compute(3);
    waitgroup_done(&answered);
    return arg;
}
void on_answer(int n)
{
    compute(n);
    waitgroup_done(&answered);
}
void asks(const int *where, int n)
{
    for (int i = 0; i < n; i++) {
        waitgroup_add(&answered, 1);
        if (where[i]) {
            compute(i); // on_answer() is called when the answer comes
            continue;
        }
        spawn(answers_itself, NULL);
    }
    waitgroup_wait(&answered);
}

/* ---- bad: not started ---- */
void skips_some(struct item *all, int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < n; i++) {
        all[i].wg = &wg;
        waitgroup_add(&wg, 1); // want: not-started
        if (all[i].in == 0)
            continue;
        spawn(work, &all[i]);
    }
    waitgroup_wait(&wg);
}
void stops_at_failure(struct item *all, int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < n; i++) {
        pthread_t t;
        all[i].wg = &wg;
        waitgroup_add(&wg, 1); // want: not-started
        if (pthread_create(&t, NULL, work, &all[i]) != 0) {
            perror("thread");
            break;
        }
    }
    waitgroup_wait(&wg);
}
void one_or_none(struct item *it, bool threaded)
{
    static waitgroup_t wg;
    it->wg = &wg;
    waitgroup_add(&wg, 1); // want: not-started
    if (threaded)
        spawn(work, it);
    else
        it->out = compute(it->in);
    waitgroup_wait(&wg);
}

/* ---- bad: done under a lock that is destroyed ---- */
static void *done_inside(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    p->head++;
    waitgroup_done(&p->pending); // want: done-locked
    pthread_mutex_unlock(&p->lock);
    return NULL;
}
void runs_and_frees(int n)
{
    struct pool *p = calloc(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    for (int i = 0; i < n; i++) {
        waitgroup_add(&p->pending, 1);
        spawn(done_inside, p);
    }
    waitgroup_wait(&p->pending);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* ---- good ---- */
static void *all_ways_by_helper(void *arg)
{
    struct item *it = arg;
    if (it->in < 0) {
        finished(it);
        return NULL;
    }
    it->out = compute(it->in);
    leave(it->wg);
    return NULL;
}
static void *answers(void *arg)
{
    struct item *it = arg;
    if (!finish_if_even(it))
        finished(it);
    return NULL;
}
static void *result_tells(void *arg)
{
    struct item *it = arg;
    if (run_item(it) == NULL)
        waitgroup_done(it->wg);
    return NULL;
}
static void *finishes_then_quits(void *arg)
{
    finished(arg);
    quit(0);
    return NULL;
}
static void *hands_on(void *arg)
{
    struct item *it = arg;
    if (it->in > 10) {
        submit_elsewhere(it);
        return NULL;
    }
    if (try_elsewhere(it) == 0)
        return NULL;
    finished(it);
    return NULL;
}
static void *calls_back(void *arg)
{
    struct item *it = arg;
    it->out = compute(it->in);
    it->callback(it);
    return NULL;
}
static void die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}
static void *dies(void *arg)
{
    struct item *it = arg;
    if (it->in < 0)
        die("negative");
    if (it->in == 0)
        fatal("zero");
    finished(it);
    return NULL;
}
static void recurse(struct item *it, int depth)
{
    if (depth > 0)
        recurse(it, depth - 1);
    else
        waitgroup_done(it->wg);
}
static void *recurses(void *arg)
{
    recurse(arg, 4);
    return NULL;
}
static void *restarts(void *arg)
{
    struct item *it = arg;
    if (it->in-- > 0) {
        if (launch(it) == 0)
            return NULL;
    }
    finished(it);
    return NULL;
}
void start_good(struct item *it)
{
    waitgroup_add(it->wg, 9);
    spawn(all_ways_by_helper, it);
    spawn(answers, it);
    spawn(result_tells, it);
    spawn(finishes_then_quits, it);
    spawn(hands_on, it);
    spawn(calls_back, it);
    spawn(dies, it);
    spawn(recurses, it);
    spawn(restarts, it);
    waitgroup_wait(it->wg);
}
int waits_on_failure(struct item *all, int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int rc = 0;
    for (int i = 0; i < n && rc == 0; i++) {
        all[i].wg = &wg;
        waitgroup_add(&wg, 1);
        rc = launch(&all[i]);
        if (rc != 0)
            waitgroup_done(&wg);
    }
    waitgroup_wait(&wg);
    return rc;
}
static void wait_and_report(waitgroup_t *wg)
{
    waitgroup_wait(wg);
    trace("all there");
}
int waits_by_helper(struct item *it)
{
    waitgroup_t wg = WAITGROUP_INIT;
    it->wg = &wg;
    waitgroup_add(&wg, 1);
    if (launch(it) != 0)
        return -1;
    if (it->in)
        trace("in");
    wait_and_report(&wg);
    return it->out;
}
static int finish_all(waitgroup_t *wg, int rc)
{
    waitgroup_wait(wg);
    return rc;
}
int waits_in_the_return(struct item *it)
{
    waitgroup_t wg = WAITGROUP_INIT;
    it->wg = &wg;
    waitgroup_add(&wg, 1);
    if (launch(it) != 0) {
        waitgroup_done(&wg);
        return finish_all(&wg, -1);
    }
    if (compute(1) < 0)
        return finish_all(&wg, -2);
    return finish_all(&wg, 0);
}
void unlocks_by_helper(struct pool *p)
{
    waitgroup_add(&p->pending, 1);
    spawn(takes_by_helper, p);
    enter(p);
    p->closing = true;
    leave_lock(p);
    waitgroup_wait(&p->pending);
}
void counts_before_push(struct pool *p)
{
    spawn(consumer, p);
    for (int i = 0; i < 10; i++) {
        waitgroup_add(&p->pending, 1);
        push(p, 1);
    }
    waitgroup_wait(&p->pending);
}
void looks_then_counts(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    int room = 10 - (p->tail - p->head);
    pthread_mutex_unlock(&p->lock);
    if (room > 0) {
        waitgroup_add(&p->pending, 1);
        push(p, 1);
    }
}
void holds_one_itself(struct pool *p)
{
    waitgroup_add(&p->pending, 1);
    for (int i = 0; i < 10; i++) {
        push(p, 1);
        waitgroup_add(&p->pending, 1);
    }
    waitgroup_done(&p->pending);
    waitgroup_wait(&p->pending);
}
void inside_the_lock(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->tail++;
    waitgroup_add(&p->pending, 1);
    pthread_cond_signal(&p->some);
    pthread_mutex_unlock(&p->lock);
    waitgroup_wait(&p->pending);
}
void skips_before_counting(struct item *all, int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < n; i++) {
        if (all[i].in == 0)
            continue;
        all[i].wg = &wg;
        waitgroup_add(&wg, 1);
        spawn(work, &all[i]);
    }
    waitgroup_wait(&wg);
}
void gives_back(struct item *all, int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < n; i++) {
        pthread_t t;
        all[i].wg = &wg;
        waitgroup_add(&wg, 1);
        if (pthread_create(&t, NULL, work, &all[i]) != 0) {
            waitgroup_done(&wg);
            break;
        }
        pthread_detach(t);
    }
    waitgroup_wait(&wg);
}
void runs_it_here(struct item *it, bool threaded)
{
    static waitgroup_t wg;
    it->wg = &wg;
    waitgroup_add(&wg, 1);
    if (threaded)
        spawn(work, it);
    else
        work(it);
    waitgroup_wait(&wg);
}
static void *done_outside(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    p->head++;
    pthread_mutex_unlock(&p->lock);
    waitgroup_done(&p->pending);
    return NULL;
}
void runs_and_frees_well(void)
{
    struct pool *p = calloc(1, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    waitgroup_add(&p->pending, 1);
    spawn(done_outside, p);
    waitgroup_wait(&p->pending);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
static pthread_mutex_t forever = PTHREAD_MUTEX_INITIALIZER;
static waitgroup_t counted_forever;
static void *done_inside_forever(void *arg)
{
    pthread_mutex_lock(&forever);
    compute(1);
    waitgroup_done(&counted_forever);
    pthread_mutex_unlock(&forever);
    return arg;
}
void waits_forever(void)
{
    waitgroup_add(&counted_forever, 1);
    spawn(done_inside_forever, NULL);
    waitgroup_wait(&counted_forever);
}
