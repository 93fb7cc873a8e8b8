/* Ways out of a task, in the shapes of real programs. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>
#include <waitgroup.h>

enum state { IDLE, BUSY, FAILED };
struct conn {
    int fd;
    enum state state;
    char *buf;
    size_t len;
    waitgroup_t *wg;
    struct conn *next;
};
struct worker {
    int id;
    bool stop;
    struct {
        waitgroup_t finished;
        pthread_mutex_t lock;
    } sync;
    struct conn *conns;
    size_t n;
};
static waitgroup_t all;
int parse(const char *text, size_t n);
bool allowed(int id);
ssize_t fill(int fd, char *to, size_t n);
void note(const char *text);

/* ---- bad ---- */
static void *reads_file(void *arg)
{
    struct conn *c = arg;
    char line[256];
    FILE *f = fopen(c->buf, "r");
    if (f == NULL)
        return NULL; // want: missing-done
    while (fgets(line, sizeof line, f) != NULL) {
        if (line[0] == '#')
            continue;
        if (parse(line, strlen(line)) < 0) {
            fclose(f);
            return NULL; // want: missing-done
        }
    }
    fclose(f);
    waitgroup_done(c->wg);
    return NULL;
}
static void *reads_fd(void *arg)
{
    struct conn *c = arg;
    ssize_t got;
    while ((got = fill(c->fd, c->buf, c->len)) > 0) {
        if (c->state == FAILED)
            goto failed;
        note("more");
    }
    if (got < 0) {
        close(c->fd);
        goto failed;
    }
    waitgroup_done(c->wg);
    return NULL;
failed:
    free(c->buf);
    return NULL; // want: missing-done
}
static void *by_state(void *arg)
{
    struct conn *c = arg;
    switch (c->state) {
    case IDLE:
        note("idle");
        break;
    case BUSY:
        waitgroup_done(c->wg);
        return NULL;
    case FAILED:
        waitgroup_done(c->wg);
        return NULL;
    }
    return NULL; // want: missing-done
}
static void *falls_through_too_far(void *arg)
{
    struct conn *c = arg;
    switch (c->state) {
    case IDLE:
        note("idle");
        /* fall through */
    case BUSY:
        waitgroup_done(c->wg);
        break;
    default:
        note("failed");
    }
    free(c);
    return NULL; // want: missing-done
}
static int returns_from_c11(void *arg)
{
    struct worker *w = arg;
    for (size_t i = 0; i < w->n; i++) {
        if (w->conns[i].state == FAILED)
            return thrd_error; // want: missing-done
    }
    waitgroup_done(&w->sync.finished);
    return thrd_success;
}
static void *asks_twice(void *arg)
{
    struct worker *w = arg;
    if (allowed(w->id)) {
        if (w->n == 0)
            return NULL; // want: missing-done
        note("allowed");
    } else {
        if (w->n > 1000)
            pthread_exit((void *)1); // want: missing-done
    }
    waitgroup_done(&w->sync.finished);
    return NULL;
}
static void *retries(void *arg)
{
    struct conn *c = arg;
    int tries = 0;
retry:
    if (parse(c->buf, c->len) == 0) {
        waitgroup_done(c->wg);
        return NULL;
    }
    if (++tries < 5)
        goto retry;
    return NULL; // want: missing-done
}
static void *ternary(void *arg)
{
    struct conn *c = arg;
    c->state == BUSY ? waitgroup_done(c->wg) : note("not busy");
    return NULL; // want: missing-done
}
static void *comma(void *arg)
{
    struct conn *c = arg;
    if (note("x"), c->fd < 0)
        return NULL; // want: missing-done
    return waitgroup_done(c->wg), NULL;
}
static void *while_flag(void *arg)
{
    struct worker *w = arg;
    while (!w->stop) {
        if (allowed(w->id)) {
            note("last round");
            waitgroup_done(&w->sync.finished);
            return NULL;
        }
        sleep(1);
    }
    return NULL; // want: missing-done
}
static void *do_once(void *arg)
{
    int ok = 0;
    do {
        if (!arg)
            break;
        if (parse(arg, 1))
            break;
        ok = 1;
    } while (0);
    if (ok)
        waitgroup_done(&all);
    return NULL; // want: missing-done
}
static void *unlocks_and_leaves(void *arg)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->sync.lock);
    if (w->stop) {
        pthread_mutex_unlock(&w->sync.lock);
        return NULL; // want: missing-done
    }
    w->n++;
    pthread_mutex_unlock(&w->sync.lock);
    waitgroup_done(&w->sync.finished);
    return NULL;
}
static void *errno_way(void *arg)
{
    struct conn *c = arg;
    int rc = open(c->buf, O_RDONLY);
    if (rc < 0) {
        if (errno == EINTR)
            waitgroup_done(c->wg);
        return NULL; // want: missing-done
    }
    close(rc);
    waitgroup_done(c->wg);
    return NULL;
}
static void *nested_loops(void *arg)
{
    struct worker *w = arg;
    for (size_t i = 0; i < w->n; i++)
        for (struct conn *c = w->conns; c; c = c->next) {
            if (c->fd < 0)
                goto out;
            if (c->state == FAILED)
                return arg; // want: missing-done
        }
out:
    waitgroup_done(&w->sync.finished);
    return NULL;
}
static void *negative_add(void *arg)
{
    struct worker *w = arg;
    if (w->id & 1)
        return NULL; // want: missing-done
    waitgroup_add(&w->sync.finished, -1);
    return NULL;
}
static void *const_pointer(void *arg)
{
    const struct conn *const c = arg;
    waitgroup_t *const group = c->wg;
    if (c->len == 0) {
        return NULL; // want: missing-done
    }
    waitgroup_done(group);
    return NULL;
}
void start_bad(struct conn *c, struct worker *w)
{
    pthread_t t;
    thrd_t u;
    waitgroup_add(c->wg, 8);
    waitgroup_add(&w->sync.finished, 8);
    waitgroup_add(&all, 1);
    pthread_create(&t, NULL, reads_file, c);
    pthread_create(&t, NULL, reads_fd, c);
    pthread_create(&t, NULL, by_state, c);
    pthread_create(&t, NULL, falls_through_too_far, c);
    thrd_create(&u, returns_from_c11, w);
    pthread_create(&t, NULL, asks_twice, w);
    pthread_create(&t, NULL, retries, c);
    pthread_create(&t, NULL, ternary, c);
    pthread_create(&t, NULL, comma, c);
    pthread_create(&t, NULL, while_flag, w);
    pthread_create(&t, NULL, do_once, c);
    pthread_create(&t, NULL, unlocks_and_leaves, w);
    pthread_create(&t, NULL, errno_way, c);
    pthread_create(&t, NULL, nested_loops, w);
    pthread_create(&t, NULL, negative_add, w);
    pthread_create(&t, NULL, const_pointer, c);
}

/* ---- good ---- */
static void *one_exit(void *arg)
{
    struct conn *c = arg;
    int rc = -1;
    char *copy = malloc(c->len);
    if (!copy)
        goto out;
    if (parse(copy, c->len) < 0)
        goto free_copy;
    rc = 0;
free_copy:
    free(copy);
out:
    waitgroup_done(c->wg);
    return (void *)(intptr_t)rc;
}
static void *every_case(void *arg)
{
    struct conn *c = arg;
    switch (c->state) {
    case IDLE:
        waitgroup_done(c->wg);
        break;
    case BUSY:
        note("busy");
        waitgroup_done(c->wg);
        break;
    default:
        waitgroup_done(c->wg);
        return NULL;
    }
    return NULL;
}
static void *flag_on_failure(void *arg)
{
    struct conn *c = arg;
    bool failed = false;
    for (size_t i = 0; i < c->len; i++) {
        if (parse(c->buf + i, 1)) {
            failed = true;
            break;
        }
    }
    if (failed)
        note("failed");
    waitgroup_done(c->wg);
    return failed ? arg : NULL;
}
static void *same_condition_twice(void *arg)
{
    struct conn *c = arg;
    if (c->len > 3)
        waitgroup_done(c->wg);
    note("between");
    if (c->len <= 3)
        waitgroup_done(c->wg);
    return NULL;
}
static void *same_condition_by_variable(void *arg)
{
    struct conn *c = arg;
    int left = 0;
    if (allowed(c->fd)) {
        waitgroup_done(c->wg);
        left = 1;
    }
    note("between");
    if (!left)
        waitgroup_done(c->wg);
    return NULL;
}
static void *loops_until_done(void *arg)
{
    struct conn *c = arg;
    for (;;) {
        ssize_t got = fill(c->fd, c->buf, c->len);
        if (got > 0)
            continue;
        if (got < 0 && errno == EINTR)
            continue;
        break;
    }
    waitgroup_done(c->wg);
    return NULL;
}
static void *never_ends(void *arg)
{
    struct worker *w = arg;
    waitgroup_done(&w->sync.finished);
    for (;;) {
        sleep(1);
        if (w->stop)
            exit(0);
    }
}
static void *aborts(void *arg)
{
    struct conn *c = arg;
    if (c->fd < 0) {
        fprintf(stderr, "no descriptor\n");
        abort();
    }
    waitgroup_done(c->wg);
    return NULL;
}
static void *done_in_condition(void *arg)
{
    struct conn *c = arg;
    if (c->fd < 0 || (waitgroup_done(c->wg), false)) {
        waitgroup_done(c->wg);
        return NULL;
    }
    return NULL;
}
static void *finishes_first(void *arg)
{
    waitgroup_t *wg = ((struct conn *)arg)->wg;
    free(arg);
    waitgroup_done(wg);
    if (allowed(1))
        return NULL;
    note("after");
    pthread_exit(NULL);
}
static void *until_count(void *arg)
{
    struct worker *w = arg;
    size_t left = w->n;
    while (left > 0) {
        if (w->stop)
            break;
        left--;
    }
    if (left == 0)
        note("complete");
    waitgroup_done(&w->sync.finished);
    return NULL;
}
static void *deferred(void *arg)
{
    struct conn *c = arg;
    WAITGROUP_DONE_ON_RETURN(c->wg);
    for (;;) {
        if (parse(c->buf, c->len))
            return NULL;
        switch (c->state) {
        case IDLE:
            return arg;
        case BUSY:
            break;
        case FAILED:
            pthread_exit(NULL);
        }
        if (c->fd < 0)
            goto out;
    }
out:
    return NULL;
}
static void *bool_result(void *arg)
{
    struct conn *c = arg;
    int rc = parse(c->buf, c->len);
    if (rc != 0) {
        waitgroup_done(c->wg);
        return NULL;
    }
    if (rc == 0) {
        waitgroup_done(c->wg);
        return arg;
    }
    return NULL;
}
static void *else_chain(void *arg)
{
    struct conn *c = arg;
    if (c->state == IDLE)
        waitgroup_done(c->wg);
    else if (c->state == BUSY)
        waitgroup_done(c->wg);
    else
        waitgroup_done(c->wg);
    return NULL;
}
static jmp_buf elsewhere;
static void *jumps_away(void *arg)
{
    struct conn *c = arg;
    if (c->fd < 0)
        longjmp(elsewhere, 1);
    waitgroup_done(c->wg);
    return NULL;
}
static void *macro_check(void *arg)
{
#define CHECK(x)                  \
  do {                            \
    if (!(x)) {                   \
      waitgroup_done(c->wg);      \
      return NULL;                \
    }                             \
  } while (0)
    struct conn *c = arg;
    CHECK(c->fd >= 0);
    CHECK(parse(c->buf, c->len) == 0);
    waitgroup_done(c->wg);
    return NULL;
}
static void *list_of_jobs(void *arg)
{
    for (struct conn *c = arg; c; c = c->next) {
        note(c->buf);
        waitgroup_done(c->wg);
    }
    return NULL;
}
static void *no_group_no_done(void *arg)
{
    struct conn *c = arg;
    note("work");
    if (c->wg != NULL)
        waitgroup_done(c->wg);
    return NULL;
}
static void *null_argument(void *arg)
{
    struct worker *w = (struct worker *)arg;
    if (w == NULL || w->n == 0) {
        if (w)
            waitgroup_done(&w->sync.finished);
        return NULL;
    }
    waitgroup_done(&w->sync.finished);
    return NULL;
}
static void *inverted(void *arg)
{
    struct conn *c = arg;
    bool ok = parse(c->buf, c->len) == 0;
    if (ok == false) {
        waitgroup_done(c->wg);
        return NULL;
    }
    waitgroup_done(c->wg);
    return NULL;
}
static void *statement_expression(void *arg)
{
    struct conn *c = arg;
    int n = ({
        int m = parse(c->buf, c->len);
        waitgroup_done(c->wg);
        m;
    });
    return n ? arg : NULL;
}
static void *early_done_then_ways(void *arg)
{
    struct conn *c = arg;
    int fd = c->fd;
    waitgroup_done(c->wg);
    switch (fd) {
    case 0:
        return NULL;
    case 1:
        break;
    default:
        while (fd-- > 3)
            if (allowed(fd))
                return NULL;
    }
    return NULL;
}
void start_good(struct conn *c, struct worker *w)
{
    pthread_t t;
    waitgroup_add(c->wg, 24);
    pthread_create(&t, NULL, one_exit, c);
    pthread_create(&t, NULL, every_case, c);
    pthread_create(&t, NULL, flag_on_failure, c);
    pthread_create(&t, NULL, same_condition_twice, c);
    pthread_create(&t, NULL, same_condition_by_variable, c);
    pthread_create(&t, NULL, loops_until_done, c);
    pthread_create(&t, NULL, never_ends, w);
    pthread_create(&t, NULL, aborts, c);
    pthread_create(&t, NULL, done_in_condition, c);
    pthread_create(&t, NULL, finishes_first, c);
    pthread_create(&t, NULL, until_count, w);
    pthread_create(&t, NULL, deferred, c);
    pthread_create(&t, NULL, bool_result, c);
    pthread_create(&t, NULL, else_chain, c);
    pthread_create(&t, NULL, jumps_away, c);
    pthread_create(&t, NULL, macro_check, c);
    pthread_create(&t, NULL, list_of_jobs, c);
    pthread_create(&t, NULL, no_group_no_done, c);
    pthread_create(&t, NULL, null_argument, w);
    pthread_create(&t, NULL, inverted, c);
    pthread_create(&t, NULL, statement_expression, c);
    pthread_create(&t, NULL, early_done_then_ways, c);
}
