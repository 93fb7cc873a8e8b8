/* WAITGROUP_DONE_ON_RETURN() is a done on every way out from where it stands. */
#include <pthread.h>
#include <stdio.h>
#include <waitgroup.h>

struct job {
    int n;
    waitgroup_t own;
};
static waitgroup_t shared, another;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* ---- bad ---- */
static void *adds(void *arg)
{
    waitgroup_t *wg = arg;
    waitgroup_add(wg, 1); // want: add-in-task
    WAITGROUP_DONE_ON_RETURN(wg);
    printf("work\n");
    return NULL;
}
static void *defers_too_late(void *arg)
{
    struct job *j = arg;
    if (j->n)
        return NULL; // want: missing-done
    WAITGROUP_DONE_ON_RETURN(&j->own);
    if (j->n)
        return NULL;
    printf("work\n");
    return NULL;
}
static void *waits(void *arg)
{
    WAITGROUP_DONE_ON_RETURN(&shared);
    printf("work\n");
    waitgroup_wait(&shared); // want: wait-in-task
    return arg;
}
static void *locks(void *arg)
{
    WAITGROUP_DONE_ON_RETURN(&another);
    pthread_mutex_lock(&mutex);
    printf("work\n");
    pthread_mutex_unlock(&mutex);
    return arg;
}
static void go_task(void *arg)
{
    WAITGROUP_DONE_ON_RETURN(&shared); // want: done-in-go-task
    printf("%p\n", arg);
}
static void go_given(void *arg)
{
    waitgroup_t *wg = arg;
    WAITGROUP_DONE_ON_RETURN(wg); // want: done-in-go-task
    printf("%p\n", arg);
}
void start_bad(waitgroup_t *wg)
{
    pthread_t t;
    pthread_create(&t, NULL, adds, wg);
    waitgroup_wait(wg);
}
void start_late(struct job *j)
{
    pthread_t t;
    pthread_create(&t, NULL, defers_too_late, j);
    waitgroup_add(&j->own, 1); // want: add-after-start
    waitgroup_wait(&j->own);
}
int start_go(waitgroup_t *wg)
{
    pthread_t t;
    waitgroup_add(&another, 1);
    pthread_create(&t, NULL, waits, wg);
    pthread_create(&t, NULL, locks, wg);
    pthread_mutex_lock(&mutex);
    waitgroup_wait(&another); // want: wait-locked
    pthread_mutex_unlock(&mutex);
    return 0;
}
int start_go_tasks(waitgroup_t *wg)
{
    return waitgroup_go(&shared, go_task, NULL) | waitgroup_go(wg, go_given, wg);
}

/* ---- good ---- */
static void *deferred(void *arg)
{
    struct job *j = arg;
    WAITGROUP_DONE_ON_RETURN(&j->own);
    if (j->n == 1)
        return NULL;
    for (int i = 0; i < j->n; i++)
        if (i == 3)
            return arg;
    pthread_exit(NULL);
}
static void *guarded(void *arg)
{
    if (!arg)
        return NULL;
    struct job *j = arg;
    WAITGROUP_DONE_ON_RETURN(&j->own);
    return NULL;
}
static void go_other(void *arg)
{
    WAITGROUP_DONE_ON_RETURN(&another);
    printf("%p\n", arg);
}
static void *gate(void *arg)
{
    struct job *j = arg;
    WAITGROUP_DONE_ON_RETURN(&j->own);
    waitgroup_wait(&shared);
    return NULL;
}
int start_good(struct job *j)
{
    pthread_t t;
    waitgroup_add(&j->own, 3);
    pthread_create(&t, NULL, deferred, j);
    pthread_create(&t, NULL, guarded, j);
    pthread_create(&t, NULL, gate, j);
    return waitgroup_go(&shared, go_other, j);
}
