/* Correct programs of kinds that a check once took for a mistake, each beside a mistake of the same shape. */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <waitgroup.h>

static pthread_t thread;
int work(int n);

/* ---- wait-in-task: a recursive task waits for its children, whose group is in the object that it got ---- */
struct range {
    int *lo, *hi;
    waitgroup_t children;
};
static void sort_task(void *arg)
{
    struct range *r = arg, left, right;
    if (r->hi - r->lo < 2)
        return;
    left = (struct range){.lo = r->lo, .hi = r->lo + (r->hi - r->lo) / 2};
    right = (struct range){.lo = left.hi, .hi = r->hi};
    if (waitgroup_go(&r->children, sort_task, &left) != 0)
        sort_task(&left);
    sort_task(&right);
    waitgroup_wait(&r->children);
}
static void sort_again(void *arg)
{
    struct range *r = arg;
    if (r->hi - r->lo < 2)
        return;
    r->hi--;
    if (waitgroup_go(&r->children, sort_again, r) != 0)
        work(1);
    waitgroup_wait(&r->children); // want: wait-in-task
}
static void sort_with_a_local(void *arg)
{
    struct range *r = arg, left = {.lo = r->lo, .hi = r->hi - 1};
    waitgroup_t halves = WAITGROUP_INIT;
    if (waitgroup_go(&halves, sort_with_a_local, &left) != 0)
        work(1);
    waitgroup_wait(&halves);
}
static waitgroup_t ranges;
static void sort_by_file(void *arg)
{
    struct range *r = arg, left = {.lo = r->lo, .hi = r->hi - 1};
    if (waitgroup_go(&ranges, sort_by_file, &left) != 0)
        work(1);
    waitgroup_wait(&ranges); // want: wait-in-task
}

/* ---- stack-group: the wait in the branch of success, the way out behind it is that of failure ---- */
static void nothing(void *arg)
{
    (void)arg;
}
static void *leaves(void *arg)
{
    waitgroup_done(arg);
    return NULL;
}
static int leaves_c11(void *arg)
{
    waitgroup_done(arg);
    return 0;
}
int waits_if_started(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    if (waitgroup_go(&wg, nothing, NULL) == 0) {
        waitgroup_wait(&wg);
        return 0;
    }
    return -1;
}
int waits_if_created(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    if (!pthread_create(&thread, NULL, leaves, &wg)) {
        work(1);
        waitgroup_wait(&wg);
        pthread_join(thread, NULL);
        return 0;
    }
    perror("thread");
    return -1;
}
int waits_if_c11(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    thrd_t t;
    waitgroup_add(&wg, 1);
    if (thrd_create(&t, leaves_c11, &wg) == thrd_success) {
        waitgroup_wait(&wg);
        return thrd_detach(t);
    }
    return -1;
}
int waits_by_code(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int rc = waitgroup_go(&wg, nothing, NULL);
    if (!rc) {
        waitgroup_wait(&wg);
        return 0;
    }
    return rc;
}
int waits_by_code_assigned(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int rc;
    work(1);
    rc = waitgroup_go(&wg, nothing, NULL);
    if (rc == 0) {
        waitgroup_wait(&wg);
        return 0;
    }
    return -1;
}
int waits_by_truth(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    int started = waitgroup_go(&wg, nothing, NULL) == 0;
    if (started) {
        waitgroup_wait(&wg);
        return 0;
    }
    return -1;
}
int waits_in_else(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    if (waitgroup_go(&wg, nothing, NULL) != 0) {
        perror("go");
    } else {
        waitgroup_wait(&wg);
        return 0;
    }
    return -1;
}
int waits_after_retries(void)
{
    waitgroup_t wg = WAITGROUP_INIT;
    for (int i = 0; i < 3; i++) {
        if (waitgroup_go(&wg, nothing, NULL) == 0) {
            waitgroup_wait(&wg);
            return 0;
        }
        work(i);
    }
    return -1;
}
int leaves_in_success(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    if (waitgroup_go(&wg, nothing, NULL) == 0) {
        if (work(1))
            return 1;
        waitgroup_wait(&wg);
        return 0;
    }
    return -1;
}
int waits_if_failed(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    int rc = waitgroup_go(&wg, nothing, NULL);
    if (rc) {
        waitgroup_wait(&wg);
        return -1;
    }
    return 0;
}
int waits_for_the_second(void)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    pthread_create(&thread, NULL, leaves, &wg);
    if (waitgroup_go(&wg, nothing, NULL) == 0) {
        waitgroup_wait(&wg);
        return 0;
    }
    return -1;
}

/* ---- missing-done: a function elsewhere takes the count over with what holds the group ---- */
struct job {
    waitgroup_t *group;
    int n;
};
int submit(struct job *j);
bool try_submit(struct job *j);
int fetch(const char *url);
static void *submits(void *arg)
{
    struct job *j = arg;
    if (submit(j) == 0)
        return NULL;
    waitgroup_done(j->group);
    return NULL;
}
static void *submits_by_code(void *arg)
{
    struct job *j = arg;
    int rc = submit(j);
    if (rc == 0)
        return NULL;
    waitgroup_done(j->group);
    return NULL;
}
static void *submits_by_assigned_code(void *arg)
{
    struct job *j = arg;
    int rc;
    if ((rc = submit(j)) == 0)
        return NULL;
    work(rc);
    waitgroup_done(j->group);
    return NULL;
}
static void *tries_to_submit(void *arg)
{
    struct job *j = arg;
    if (work(j->n) && try_submit(j))
        return NULL;
    waitgroup_done(j->group);
    return NULL;
}
static void *submits_in_vain(void *arg)
{
    struct job *j = arg;
    if (submit(j) != 0)
        return NULL; // want: missing-done
    waitgroup_done(j->group);
    return NULL;
}
static void *submits_in_vain_by_code(void *arg)
{
    struct job *j = arg;
    int rc = submit(j);
    if (rc == 0)
        work(1);
    else
        return NULL; // want: missing-done
    waitgroup_done(j->group);
    return NULL;
}
static waitgroup_t downloads;
static void *downloads_once(void *url)
{
    if (fetch(url) == 0)
        return NULL; // want: missing-done
    waitgroup_done(&downloads);
    return NULL;
}
static void *downloads_in_a_loop(void *url)
{
    for (;;) {
        int rc = fetch(url);
        if (rc == 0)
            break;
        return NULL; // want: missing-done
    }
    waitgroup_done(&downloads);
    return NULL;
}
static void *downloads_and_breaks(void *url)
{
    for (;;) {
        int rc = fetch(url);
        if (rc <= 0)
            break;
    }
    waitgroup_done(&downloads);
    return NULL;
}
void starts_all(struct job *j, const char *url)
{
    waitgroup_add(j->group, 6);
    pthread_create(&thread, NULL, submits, j);
    pthread_create(&thread, NULL, submits_by_code, j);
    pthread_create(&thread, NULL, submits_by_assigned_code, j);
    pthread_create(&thread, NULL, tries_to_submit, j);
    pthread_create(&thread, NULL, submits_in_vain, j);
    pthread_create(&thread, NULL, submits_in_vain_by_code, j);
    waitgroup_wait(j->group);
    waitgroup_add(&downloads, 3);
    pthread_create(&thread, NULL, downloads_once, (void *)url);
    pthread_create(&thread, NULL, downloads_in_a_loop, (void *)url);
    pthread_create(&thread, NULL, downloads_and_breaks, (void *)url);
    waitgroup_wait(&downloads);
}
