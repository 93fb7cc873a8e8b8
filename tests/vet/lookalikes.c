/* Correct programs of kinds that a check once took for a mistake, each beside a mistake of the same shape. */
#include <assert.h>
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
static void *remembers_the_truth(void *arg)
{
    struct job *j = arg;
    const bool gone = try_submit(j);
    if (gone)
        return NULL;
    waitgroup_done(j->group);
    return NULL;
}
static void *keeps_the_group(void *arg)
{
    waitgroup_t *group = ((struct job *)arg)->group;
    struct job *j = arg;
    if (submit(j) == 0)
        return NULL;
    waitgroup_done(group);
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
    waitgroup_add(j->group, 8);
    pthread_create(&thread, NULL, submits, j);
    pthread_create(&thread, NULL, submits_by_code, j);
    pthread_create(&thread, NULL, submits_by_assigned_code, j);
    pthread_create(&thread, NULL, tries_to_submit, j);
    pthread_create(&thread, NULL, remembers_the_truth, j);
    pthread_create(&thread, NULL, keeps_the_group, j);
    pthread_create(&thread, NULL, submits_in_vain, j);
    pthread_create(&thread, NULL, submits_in_vain_by_code, j);
    waitgroup_wait(j->group);
    waitgroup_add(&downloads, 3);
    pthread_create(&thread, NULL, downloads_once, (void *)url);
    pthread_create(&thread, NULL, downloads_in_a_loop, (void *)url);
    pthread_create(&thread, NULL, downloads_and_breaks, (void *)url);
    waitgroup_wait(&downloads);
}

/* ---- missing-done, add-after-start: one task for two roles, of which one is not counted ---- */
static waitgroup_t crew, late_crew, one_of_all, one_each, chosen;
static void *crew_member(void *arg)
{
    if (arg == NULL)
        return NULL;
    waitgroup_done(&crew);
    return NULL;
}
void starts_a_manager_and_a_member(int *n)
{
    pthread_create(&thread, NULL, crew_member, NULL);
    waitgroup_add(&crew, 1);
    pthread_create(&thread, NULL, crew_member, n);
    waitgroup_wait(&crew);
}
static void *late_member(void *arg)
{
    work(*(int *)arg);
    waitgroup_done(&late_crew);
    return NULL;
}
void starts_two_and_counts_them_late(int *n)
{
    pthread_create(&thread, NULL, late_member, n);
    waitgroup_add(&late_crew, 2); // want: add-after-start
    pthread_create(&thread, NULL, late_member, n);
    waitgroup_wait(&late_crew);
}
static waitgroup_t shift, two_shifts;
static void *shift_member(void *arg)
{
    if (*(int *)arg == 0)
        return NULL; // want: missing-done
    waitgroup_done(&shift);
    return NULL;
}
void starts_a_shift(int *n)
{
    waitgroup_add(&shift, 1);
    pthread_create(&thread, NULL, shift_member, n);
    pthread_create(&thread, NULL, late_member, n);
    waitgroup_wait(&shift);
}
static void *day(void *arg)
{
    work(*(int *)arg);
    waitgroup_done(&two_shifts);
    return NULL;
}
static void *night(void *arg)
{
    work(*(int *)arg);
    return NULL;
}
void starts_day_and_night(int *n)
{
    pthread_create(&thread, NULL, day, n);
    waitgroup_add(&two_shifts, 1); // want: add-after-start
    pthread_create(&thread, NULL, night, n);
    waitgroup_wait(&two_shifts);
}

/* ---- missing-done: one add for a whole loop of threads, one of which leaves ---- */
static void *leaves_if_last(void *arg)
{
    if (*(int *)arg != 3)
        return NULL;
    waitgroup_done(&one_of_all);
    return NULL;
}
void counts_one_of_all(int *n)
{
    waitgroup_add(&one_of_all, 1);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread, NULL, leaves_if_last, &n[i]);
    waitgroup_wait(&one_of_all);
}
static void *leaves_if_not_first(void *arg)
{
    if (*(int *)arg == 0)
        return NULL; // want: missing-done
    waitgroup_done(&one_each);
    return NULL;
}
void counts_each(int *n)
{
    for (int i = 0; i < 4; i++) {
        waitgroup_add(&one_each, 1);
        pthread_create(&thread, NULL, leaves_if_not_first, &n[i]);
    }
    waitgroup_wait(&one_each);
}

/* ---- missing-done: a task that the start chooses ---- */
static void *chosen_first(void *arg)
{
    if (arg == NULL)
        return NULL; // want: missing-done
    waitgroup_done(&chosen);
    return NULL;
}
static void *chosen_second(void *arg)
{
    if (work(2))
        return NULL; // want: missing-done
    waitgroup_done(&chosen);
    return arg;
}
static void *chosen_third(void *arg)
{
    if (work(3))
        work(4);
    waitgroup_done(&chosen);
    return arg;
}
void starts_what_is_chosen(int n)
{
    waitgroup_add(&chosen, 2);
    pthread_create(&thread, NULL, n ? chosen_first : chosen_third, NULL);
    pthread_create(&thread, NULL, n ? &chosen_third : &chosen_second, NULL);
    waitgroup_wait(&chosen);
}

/* ---- add-in-task: the starter is counted, and joins the thread before its own done ---- */
static waitgroup_t family, careless, asserted;
static void *child(void *arg)
{
    waitgroup_add(&family, 1);
    work(1);
    waitgroup_done(&family);
    return arg;
}
static void *parent(void *arg)
{
    pthread_t t;
    if (pthread_create(&t, NULL, child, arg) == 0)
        pthread_join(t, NULL);
    waitgroup_done(&family);
    return arg;
}
static void *parent_with_deferral(void *arg)
{
    WAITGROUP_DONE_ON_RETURN(&family);
    pthread_t t;
    if (pthread_create(&t, NULL, child, arg) != 0)
        return NULL;
    pthread_join(t, NULL);
    return arg;
}
void starts_a_family(void)
{
    waitgroup_add(&family, 2);
    pthread_create(&thread, NULL, parent, NULL);
    pthread_create(&thread, NULL, parent_with_deferral, NULL);
    waitgroup_wait(&family);
}
static void *stray(void *arg)
{
    waitgroup_add(&careless, 1); // want: add-in-task
    work(1);
    waitgroup_done(&careless);
    return arg;
}
static void *careless_parent(void *arg)
{
    pthread_create(&thread, NULL, stray, arg);
    waitgroup_done(&careless);
    pthread_join(thread, NULL);
    return arg;
}
static void *asserts(void *arg)
{
    assert(arg != NULL);
    waitgroup_add(&asserted, 1); // want: add-in-task
    work(1);
    waitgroup_done(&asserted);
    return arg;
}
static void *works_first(void *arg)
{
    if (work(1) == 0)
        return NULL;
    waitgroup_add(&asserted, 1);
    work(2);
    waitgroup_done(&asserted);
    return arg;
}
void starts_who_add(int *n)
{
    pthread_create(&thread, NULL, asserts, n);
    pthread_create(&thread, NULL, works_first, n);
    waitgroup_wait(&asserted);
}
void starts_the_careless(void)
{
    waitgroup_t *other = &careless;
    pthread_create(&thread, NULL, careless_parent, other);
}

/* ---- wait-locked: one mutex of several ---- */
static pthread_mutex_t stripes[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static waitgroup_t striped;
static void *takes_a_stripe(void *arg)
{
    pthread_mutex_lock(&stripes[0]);
    work(1);
    pthread_mutex_unlock(&stripes[0]);
    waitgroup_done(&striped);
    return arg;
}
void waits_with_that_stripe(void)
{
    waitgroup_add(&striped, 1);
    pthread_create(&thread, NULL, takes_a_stripe, NULL);
    pthread_mutex_lock(&stripes[0]);
    waitgroup_wait(&striped); // want: wait-locked
    pthread_mutex_unlock(&stripes[0]);
}
void waits_with_the_other_stripe(void)
{
    waitgroup_add(&striped, 1);
    pthread_create(&thread, NULL, takes_a_stripe, NULL);
    pthread_mutex_lock(&stripes[1]);
    waitgroup_wait(&striped);
    pthread_mutex_unlock(&stripes[1]);
}
void waits_without_a_stripe(void)
{
    waitgroup_add(&striped, 1);
    pthread_create(&thread, NULL, takes_a_stripe, NULL);
    pthread_mutex_lock(&stripes[0]);
    work(1);
    pthread_mutex_unlock(&stripes[0]);
    waitgroup_wait(&striped);
}
