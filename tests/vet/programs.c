/* Whole small programs, all right: whatever is reported here is false. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <waitgroup.h>

int compute(int n);
void log_line(const char *text);
int send_all(int fd, const void *data, size_t n);

/* a pool with a queue of its own */
struct task {
    void (*run)(void *);
    void *arg;
    struct task *next;
};
struct pool {
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct task *first, **last;
    waitgroup_t tasks, workers;
    bool stop;
    pthread_t threads[4];
};
static void *pool_worker(void *arg)
{
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->first && !p->stop)
            pthread_cond_wait(&p->some, &p->lock);
        if (!p->first)
            break;
        struct task *t = p->first;
        p->first = t->next;
        if (!p->first)
            p->last = &p->first;
        pthread_mutex_unlock(&p->lock);
        t->run(t->arg);
        free(t);
        waitgroup_done(&p->tasks);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    waitgroup_done(&p->workers);
    return NULL;
}
int pool_open(struct pool *p)
{
    memset(p, 0, sizeof *p);
    p->last = &p->first;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->some, NULL);
    for (int i = 0; i < 4; i++) {
        waitgroup_add(&p->workers, 1);
        if (pthread_create(&p->threads[i], NULL, pool_worker, p) != 0) {
            waitgroup_done(&p->workers);
            return i > 0 ? 0 : -1;
        }
        pthread_detach(p->threads[i]);
    }
    return 0;
}
int pool_submit(struct pool *p, void (*run)(void *), void *arg)
{
    struct task *t = malloc(sizeof *t);
    if (!t)
        return ENOMEM;
    *t = (struct task){run, arg, NULL};
    waitgroup_add(&p->tasks, 1);
    pthread_mutex_lock(&p->lock);
    *p->last = t;
    p->last = &t->next;
    pthread_cond_signal(&p->some);
    pthread_mutex_unlock(&p->lock);
    return 0;
}
void pool_drain(struct pool *p)
{
    waitgroup_wait(&p->tasks);
}
void pool_close(struct pool *p)
{
    pool_drain(p);
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->some);
    pthread_mutex_unlock(&p->lock);
    waitgroup_wait(&p->workers);
    pthread_cond_destroy(&p->some);
    pthread_mutex_destroy(&p->lock);
}

/* parallel for, the last piece in the caller */
struct piece {
    int *data;
    size_t from, to;
    waitgroup_t *wg;
};
static void *piece_run(void *arg)
{
    struct piece *p = arg;
    for (size_t i = p->from; i < p->to; i++)
        p->data[i] = compute(p->data[i]);
    waitgroup_done(p->wg);
    return NULL;
}
void parallel_for(int *data, size_t n, unsigned parts)
{
    waitgroup_t wg = WAITGROUP_INIT;
    struct piece pieces[16];
    if (parts > 16)
        parts = 16;
    for (unsigned i = 0; i < parts; i++) {
        pthread_t t;
        pieces[i] = (struct piece){data, n * i / parts, n * (i + 1) / parts, &wg};
        waitgroup_add(&wg, 1);
        if (i + 1 == parts || pthread_create(&t, NULL, piece_run, &pieces[i]) != 0)
            piece_run(&pieces[i]);
        else
            pthread_detach(t);
    }
    waitgroup_wait(&wg);
}

/* phases: a group for each */
struct phase {
    waitgroup_t ready, go, finished;
};
static void *phase_worker(void *arg)
{
    struct phase *p = arg;
    waitgroup_done(&p->ready);
    waitgroup_wait(&p->go);
    compute(1);
    waitgroup_done(&p->finished);
    return NULL;
}
void phases(int n)
{
    struct phase p = {WAITGROUP_INIT, WAITGROUP_INIT, WAITGROUP_INIT};
    waitgroup_add(&p.ready, n);
    waitgroup_add(&p.go, 1);
    waitgroup_add(&p.finished, n);
    for (int i = 0; i < n; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, phase_worker, &p) != 0)
            abort();
        pthread_detach(t);
    }
    waitgroup_wait(&p.ready);
    waitgroup_done(&p.go);
    waitgroup_wait(&p.finished);
}

/* a pipeline of stages */
struct stage {
    struct stage *before;
    waitgroup_t done;
    int value;
};
static void stage_run(void *arg)
{
    struct stage *s = arg;
    if (s->before)
        waitgroup_wait(&s->before->done);
    s->value = compute(s->before ? s->before->value : 0);
}
int pipeline(struct stage *stages, int n)
{
    for (int i = 0; i < n; i++) {
        stages[i].before = i ? &stages[i - 1] : NULL;
        if (waitgroup_go(&stages[i].done, stage_run, &stages[i]) != 0)
            stage_run(&stages[i]);
    }
    waitgroup_wait(&stages[n - 1].done);
    return stages[n - 1].value;
}

/* a tree, each node with a group of its own */
struct node {
    struct node *left, *right, *parent;
    waitgroup_t below;
    int sum;
};
static void node_sum(void *arg)
{
    struct node *n = arg;
    if (n->left && waitgroup_go(&n->below, node_sum, n->left) != 0)
        node_sum(n->left);
    if (n->right && waitgroup_go(&n->below, node_sum, n->right) != 0)
        node_sum(n->right);
    waitgroup_wait(&n->below);
    n->sum += (n->left ? n->left->sum : 0) + (n->right ? n->right->sum : 0);
}
int tree_sum(struct node *root)
{
    node_sum(root);
    return root->sum;
}

/* a server: connections are counted, the listener waits for them at the end */
struct server {
    int fd;
    atomic_bool stop;
    waitgroup_t connections;
    pthread_mutex_t stats_lock;
    int served;
};
struct connection {
    struct server *server;
    int fd;
};
static void connection_close(struct connection *c)
{
    struct server *s = c->server;
    close(c->fd);
    free(c);
    waitgroup_done(&s->connections);
}
static void *connection_run(void *arg)
{
    struct connection *c = arg;
    char buffer[512];
    for (;;) {
        ssize_t n = read(c->fd, buffer, sizeof buffer);
        if (n <= 0)
            break;
        if (send_all(c->fd, buffer, (size_t)n) < 0) {
            connection_close(c);
            return NULL;
        }
    }
    pthread_mutex_lock(&c->server->stats_lock);
    c->server->served++;
    pthread_mutex_unlock(&c->server->stats_lock);
    connection_close(c);
    return NULL;
}
int server_next(int fd);
void server_loop(struct server *s)
{
    while (!atomic_load(&s->stop)) {
        int fd = server_next(s->fd);
        if (fd < 0) {
            if (errno == EINTR)
                continue;
            break;
        }
        struct connection *c = malloc(sizeof *c);
        if (!c) {
            close(fd);
            continue;
        }
        *c = (struct connection){s, fd};
        waitgroup_add(&s->connections, 1);
        pthread_t t;
        if (pthread_create(&t, NULL, connection_run, c) != 0) {
            connection_close(c);
            continue;
        }
        pthread_detach(t);
    }
    waitgroup_wait(&s->connections);
    pthread_mutex_lock(&s->stats_lock);
    printf("%d\n", s->served);
    pthread_mutex_unlock(&s->stats_lock);
}

/* the last one cleans up */
struct shared {
    atomic_int users;
    waitgroup_t gone;
    char *memory;
};
static void *user(void *arg)
{
    struct shared *s = arg;
    compute(s->memory[0]);
    if (atomic_fetch_sub(&s->users, 1) == 1) {
        free(s->memory);
        waitgroup_done(&s->gone);
    }
    return NULL;
}
void share(int n)
{
    struct shared s = {.users = n, .memory = malloc(10)};
    waitgroup_add(&s.gone, 1);
    for (int i = 0; i < n; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, user, &s) != 0)
            abort();
        pthread_detach(t);
    }
    waitgroup_wait(&s.gone);
}

/* started lazily, once */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static waitgroup_t background;
static void *background_run(void *arg)
{
    log_line("background");
    waitgroup_done(&background);
    return arg;
}
static void background_start(void)
{
    pthread_t t;
    waitgroup_add(&background, 1);
    if (pthread_create(&t, NULL, background_run, NULL) != 0) {
        waitgroup_done(&background);
        return;
    }
    pthread_detach(t);
}
void background_ensure(void)
{
    pthread_once(&once, background_start);
}
void background_stop(void)
{
    waitgroup_wait(&background);
}

/* a group on the stack, joined as well */
static void *summand(void *arg)
{
    struct piece *p = arg;
    p->data[0] = compute(p->data[0]);
    waitgroup_done(p->wg);
    return NULL;
}
int joined_and_counted(int *data)
{
    waitgroup_t wg = WAITGROUP_INIT;
    struct piece p = {data, 0, 1, &wg};
    pthread_t t;
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, summand, &p) != 0)
        return -1;
    if (compute(2) < 0) {
        pthread_join(t, NULL);
        return -1;
    }
    waitgroup_wait(&wg);
    return pthread_join(t, NULL);
}

/* a deadline, then the rest of the patience */
int patient(int *data, const struct timespec *soon)
{
    static waitgroup_t wg;
    static struct piece p;
    p = (struct piece){data, 0, 1, &wg};
    pthread_t t;
    waitgroup_add(&wg, 1);
    int rc = pthread_create(&t, NULL, summand, &p);
    if (rc) {
        waitgroup_done(&wg);
        return rc;
    }
    pthread_detach(t);
    rc = waitgroup_clockwait(&wg, CLOCK_MONOTONIC, soon);
    if (rc == ETIMEDOUT) {
        log_line("late");
        waitgroup_wait(&wg);
    }
    return rc;
}

/* map and reduce, an array of groups */
struct shard {
    waitgroup_t filled;
    int sum;
};
static struct shard shards[8];
static void *fill(void *arg)
{
    int at = *(int *)arg;
    shards[at].sum = compute(at);
    waitgroup_done(&shards[at].filled);
    return NULL;
}
int reduce(void)
{
    static int numbers[8];
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        pthread_t t;
        numbers[i] = i;
        waitgroup_add(&shards[i].filled, 1);
        if (pthread_create(&t, NULL, fill, &numbers[i]) != 0)
            fill(&numbers[i]);
        else
            pthread_detach(t);
    }
    for (int i = 0; i < 8; i++) {
        waitgroup_wait(&shards[i].filled);
        sum += shards[i].sum;
    }
    return sum;
}

/* a reader-writer pair with a lock of another kind */
static pthread_rwlock_t config = PTHREAD_RWLOCK_INITIALIZER;
static waitgroup_t loaders;
static void *loader(void *arg)
{
    pthread_rwlock_rdlock(&config);
    log_line(arg);
    pthread_rwlock_unlock(&config);
    waitgroup_done(&loaders);
    return NULL;
}
void reload(void)
{
    pthread_t t;
    pthread_rwlock_rdlock(&config);
    waitgroup_add(&loaders, 1);
    if (pthread_create(&t, NULL, loader, "config") != 0)
        waitgroup_done(&loaders);
    waitgroup_wait(&loaders);
    pthread_rwlock_unlock(&config);
}

/* trylock never blocks */
static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;
static waitgroup_t lazies;
static void *lazy(void *arg)
{
    if (pthread_mutex_trylock(&busy) == 0) {
        compute(1);
        pthread_mutex_unlock(&busy);
    }
    waitgroup_done(&lazies);
    return arg;
}
void keeps_busy(void)
{
    pthread_t t;
    waitgroup_add(&lazies, 1);
    pthread_mutex_lock(&busy);
    if (pthread_create(&t, NULL, lazy, NULL) != 0)
        waitgroup_done(&lazies);
    waitgroup_wait(&lazies);
    pthread_mutex_unlock(&busy);
}

/* the lock is taken only after the done */
static pthread_mutex_t results = PTHREAD_MUTEX_INITIALIZER;
static waitgroup_t measured;
static int total;
static void *measures(void *arg)
{
    int n = compute(*(int *)arg);
    waitgroup_done(&measured);
    pthread_mutex_lock(&results);
    total += n;
    pthread_mutex_unlock(&results);
    return NULL;
}
int measure(int *n)
{
    pthread_t t;
    waitgroup_add(&measured, 1);
    if (pthread_create(&t, NULL, measures, n) != 0)
        return -1;
    pthread_mutex_lock(&results);
    waitgroup_wait(&measured);
    int before = total;
    pthread_mutex_unlock(&results);
    pthread_join(t, NULL);
    return before;
}

/* rounds: each task counts itself into the next one before it leaves this one */
struct rounds {
    waitgroup_t round[2];
    int n;
};
static void *goes_round(void *arg)
{
    struct rounds *r = arg;
    for (int i = 0; i < r->n; i++) {
        waitgroup_add(&r->round[(i + 1) % 2], 1);
        compute(i);
        waitgroup_done(&r->round[i % 2]);
        waitgroup_wait(&r->round[i % 2]);
    }
    waitgroup_done(&r->round[r->n % 2]);
    return NULL;
}
void play(struct rounds *r, int players)
{
    waitgroup_add(&r->round[0], players);
    for (int i = 0; i < players; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, goes_round, r) != 0)
            abort();
        pthread_detach(t);
    }
    waitgroup_wait(&r->round[0]);
    waitgroup_wait(&r->round[1]);
}

/* children of a counted task are counted by that task */
static waitgroup_t crawl;
struct page {
    struct page *links[3];
    int depth;
};
static void *visit(void *arg)
{
    struct page *p = arg;
    for (int i = 0; i < 3; i++) {
        pthread_t t;
        if (!p->links[i])
            continue;
        waitgroup_add(&crawl, 1);
        if (pthread_create(&t, NULL, visit, p->links[i]) != 0) {
            waitgroup_done(&crawl);
            continue;
        }
        pthread_detach(t);
    }
    waitgroup_done(&crawl);
    return NULL;
}
void crawl_from(struct page *p)
{
    pthread_t t;
    waitgroup_add(&crawl, 1);
    if (pthread_create(&t, NULL, visit, p) != 0)
        waitgroup_done(&crawl);
    else
        pthread_detach(t);
    waitgroup_wait(&crawl);
}

/* an optional thread */
int maybe_threaded(int *data, bool threaded)
{
    waitgroup_t wg = WAITGROUP_INIT;
    struct piece p = {data, 0, 1, &wg};
    if (threaded) {
        pthread_t t;
        waitgroup_add(&wg, 1);
        if (pthread_create(&t, NULL, summand, &p) != 0) {
            waitgroup_done(&wg);
            threaded = false;
        } else {
            pthread_detach(t);
        }
    }
    if (!threaded) {
        data[0] = compute(data[0]);
        return 0;
    }
    waitgroup_wait(&wg);
    return 1;
}

/* the count of those that started */
int as_many_as_possible(int *data, int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    struct piece *pieces = calloc((size_t)n, sizeof *pieces);
    int started = 0;
    if (!pieces)
        return -1;
    for (int i = 0; i < n; i++) {
        pthread_t t;
        pieces[i] = (struct piece){data + i, 0, 1, &wg};
        waitgroup_add(&wg, 1);
        if (pthread_create(&t, NULL, summand, &pieces[i]) != 0) {
            waitgroup_done(&wg);
            break;
        }
        pthread_detach(t);
        started++;
    }
    waitgroup_wait(&wg);
    free(pieces);
    return started;
}

/* a group in an object that is freed by the last task */
struct batch {
    waitgroup_t wg;
    pthread_mutex_t lock;
    int n;
};
static void *batch_run(void *arg)
{
    struct batch *b = arg;
    pthread_mutex_lock(&b->lock);
    b->n++;
    pthread_mutex_unlock(&b->lock);
    waitgroup_done(&b->wg);
    return NULL;
}
int batch(int n)
{
    struct batch *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    pthread_mutex_init(&b->lock, NULL);
    waitgroup_add(&b->wg, n);
    for (int i = 0; i < n; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, batch_run, b) != 0) {
            waitgroup_add(&b->wg, i - n);
            break;
        }
        pthread_detach(t);
    }
    waitgroup_wait(&b->wg);
    int result = b->n;
    pthread_mutex_destroy(&b->lock);
    free(b);
    return result;
}

/* gates */
static waitgroup_t gate, through;
static void *at_the_gate(void *arg)
{
    waitgroup_wait(&gate);
    compute(1);
    waitgroup_done(&through);
    return arg;
}
void open_the_gate(void)
{
    pthread_t t;
    waitgroup_add(&gate, 1);
    if (pthread_create(&t, NULL, at_the_gate, NULL) != 0)
        abort();
    waitgroup_add(&through, 1); /* before the gate opens */
    waitgroup_done(&gate);
    waitgroup_wait(&through);
    pthread_join(t, NULL);
}
static sem_t started;
static waitgroup_t registered;
static void *registers(void *arg)
{
    waitgroup_add(&registered, 1);
    sem_post(&started);
    compute(2);
    waitgroup_done(&registered);
    return arg;
}
void waits_for_registration(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, registers, NULL) != 0)
        return;
    sem_wait(&started);
    waitgroup_wait(&registered);
    pthread_join(t, NULL);
}

/* C11 threads */
static int c11_task(void *arg)
{
    struct piece *p = arg;
    if (p->from == p->to) {
        waitgroup_done(p->wg);
        return 1;
    }
    p->data[p->from] = 1;
    waitgroup_done(p->wg);
    return 0;
}
int c11(int *data)
{
    waitgroup_t wg = WAITGROUP_INIT;
    struct piece p = {data, 0, 1, &wg};
    thrd_t t;
    waitgroup_add(&wg, 1);
    switch (thrd_create(&t, c11_task, &p)) {
    case thrd_success:
        break;
    case thrd_nomem:
        return ENOMEM;
    default:
        return EAGAIN;
    }
    thrd_detach(t);
    waitgroup_wait(&wg);
    return 0;
}

/* a callback of another library */
typedef void (*callback)(void *arg, int status);
int async_read(int fd, void *buffer, callback cb, void *arg);
struct request {
    waitgroup_t *wg;
    int status;
};
static void request_done(void *arg, int status)
{
    struct request *r = arg;
    r->status = status;
    waitgroup_done(r->wg);
}
int reads_all(const int *fds, int n, struct request *requests)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int failed = 0;
    for (int i = 0; i < n; i++) {
        requests[i].wg = &wg;
        waitgroup_add(&wg, 1);
        if (async_read(fds[i], NULL, request_done, &requests[i]) != 0) {
            waitgroup_done(&wg);
            failed++;
        }
    }
    waitgroup_wait(&wg);
    return failed;
}

int main(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int data[4] = {0};
    struct piece p = {data, 0, 4, &wg};
    pthread_t t;
    waitgroup_add(&wg, 1);
    if (pthread_create(&t, NULL, summand, &p) != 0)
        return 1;
    if (compute(3) < 0)
        return 1;
    waitgroup_wait(&wg);
    pthread_exit(NULL);
}
