/* A way out of a task that leaves the group counting it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <threads.h>
#include <waitgroup.h>

struct job {
    int n;
    const char *path;
    waitgroup_t *group;
    waitgroup_t own;
    struct job *next;
    void (*fail)(struct job *);
};
static waitgroup_t shared, another;
int open_input(const char *path);
void hand_back(struct job *job);

/* ---- bad ---- */
static void *early(void *arg)
{
    waitgroup_t *wg = arg;
    if (open_input("a") < 0)
        return NULL; // want: missing-done
    waitgroup_done(wg);
    return NULL;
}
static void *early_block(void *arg)
{
    struct job *j = arg;
    FILE *f = fopen(j->path, "r");
    if (!f) {
        perror(j->path);
        return NULL; // want: missing-done
    }
    if (j->n > 3) {
        fclose(f);
        pthread_exit(NULL); // want: missing-done
    }
    fclose(f);
    waitgroup_done(j->group);
    return NULL;
}
static void *one_of_two(void *arg)
{
    struct job *j = arg;
    if (j->n == 1) {
        waitgroup_done(&j->own);
        return NULL;
    }
    if (j->n == 2)
        return NULL; // want: missing-done
    if (j->n == 3) {
        waitgroup_done(&j->own);
        return NULL;
    } else if (j->n == 4) {
        return NULL; // want: missing-done
    }
    waitgroup_done(&j->own);
    return NULL;
}
static void *in_loop(void *arg)
{
    for (int i = 0; i < 9; i++) {
        if (open_input("b") == i)
            return arg; // want: missing-done
        while (i < 3)
            if (open_input("c") == i++) {
                printf("c\n");
                return arg; // want: missing-done
            }
    }
    waitgroup_done(&shared);
    return NULL;
}
static void *in_switch(void *arg)
{
    struct job *j = arg;
    switch (j->n) {
    case 0:
        return NULL; // want: missing-done
    case 1:
        j->n = 2;
        break;
    default:
        pthread_exit(j); // want: missing-done
    }
    waitgroup_done(&j->own);
    return NULL;
}
static int c11_task(void *arg)
{
    struct job *j = arg;
    if (j->n < 0)
        thrd_exit(1); // want: missing-done
    if (j->n > 0)
        return 1; // want: missing-done
    waitgroup_add(&j->own, -1);
    return 0;
}
static void *labelled(void *arg)
{
    struct job *j = arg;
    char *buffer = malloc(100);
    if (!buffer)
        return NULL; // want: missing-done
    if (j->n)
        goto out;
    printf("%s\n", buffer);
out:
    waitgroup_done(j->group);
    free(buffer);
    return NULL;
}
static void *before_the_label(void *arg)
{
    struct job *j = arg;
    if (j->n)
        goto fail;
    printf("fine\n");
    return NULL; // want: missing-done
fail:
    waitgroup_done(j->group);
    return NULL;
}
static void *second_group(void *arg)
{
    waitgroup_done(&shared);
    if (!arg)
        return NULL; // want: missing-done
    waitgroup_done(&another);
    return NULL;
}
static void *unrelated_guard(void *arg)
{
    if (!arg)
        return NULL; // want: missing-done
    waitgroup_done(&shared);
    return NULL;
}
static void log_failure(struct job *j)
{
    printf("%s failed\n", j->path);
}
static void *seen_through(void *arg)
{
    struct job *j = arg;
    if (j->n) {
        log_failure(j);
        return NULL; // want: missing-done
    }
    waitgroup_done(j->group);
    return NULL;
}
static void *forward(void *arg);
void start_bad(struct job *j)
{
    pthread_t t;
    thrd_t u;
    pthread_create(&t, NULL, early, j->group);
    pthread_create(&t, NULL, early_block, j);
    pthread_create(&t, NULL, one_of_two, j);
    pthread_create(&t, NULL, in_loop, j);
    pthread_create(&t, NULL, in_switch, j);
    thrd_create(&u, c11_task, j);
    pthread_create(&t, NULL, labelled, j);
    pthread_create(&t, NULL, before_the_label, j);
    pthread_create(&t, NULL, second_group, j);
    pthread_create(&t, NULL, unrelated_guard, j);
    pthread_create(&t, NULL, seen_through, j);
    pthread_create(&t, NULL, forward, j);
}
static void *forward(void *arg)
{
    struct job *j = arg;
    if (j->n)
        return NULL; // want: missing-done
    waitgroup_done(j->group);
    return NULL;
}

/* ---- good ---- */
static void *every_way(void *arg)
{
    struct job *j = arg;
    if (j->n == 1) {
        waitgroup_done(j->group);
        return NULL;
    }
    if (j->n == 2) {
        waitgroup_done(j->group);
        if (j->path)
            return NULL;
        pthread_exit(NULL);
    }
    for (int i = 0; i < 3; i++) {
        if (i == j->n) {
            waitgroup_done(j->group);
            return NULL;
        }
    }
    waitgroup_done(j->group);
    if (j->n == 4)
        return arg;
    return NULL;
}
static void *to_the_label(void *arg)
{
    struct job *j = arg;
    if (j->n)
        goto out;
    printf("work\n");
out:
    waitgroup_done(j->group);
    return NULL;
}
static void *guarded(void *arg)
{
    struct job *j = arg;
    if (!j)
        return NULL;
    waitgroup_done(j->group);
    return NULL;
}
static void *guarded_argument(void *arg)
{
    struct job *j;
    waitgroup_t *wg = arg;
    if (arg == NULL)
        return NULL;
    j = arg;
    (void)j;
    waitgroup_done(wg);
    return NULL;
}
static void finish(struct job *j)
{
    waitgroup_done(j->group);
}
static void *fail(struct job *j)
{
    waitgroup_done(j->group);
    return NULL;
}
static void *by_helper(void *arg)
{
    struct job *j = arg;
    if (j->n == 1) {
        finish(j);
        return NULL;
    }
    if (j->n == 2)
        return fail(j);
    if (j->n == 3) {
        j->fail(j);
        return NULL;
    }
    if (j->n == 4) {
        hand_back(j);
        return NULL;
    }
    waitgroup_done(j->group);
    return NULL;
}
static void *handed_on(void *arg)
{
    struct job *j = arg;
    pthread_t t;
    if (j->n > 100) {
        j->n -= 100;
        pthread_create(&t, NULL, handed_on, j);
        return NULL;
    }
    waitgroup_done(j->group);
    return NULL;
}
static void *at_once(void *arg)
{
    struct job *j = arg;
    waitgroup_t *wg = j->group;
    waitgroup_done(wg);
    if (j->n)
        return NULL;
    printf("after\n");
    return NULL;
}
static void leave(void *wg)
{
    waitgroup_done(wg);
}
static void *pushed(void *arg)
{
    pthread_cleanup_push(leave, arg);
    if (open_input("d") < 0)
        pthread_exit(NULL);
    pthread_cleanup_pop(0);
    waitgroup_done(arg);
    return NULL;
}
static void *conditional(void *arg)
{
    struct job *j = arg;
    if (j->n) {
        waitgroup_done(j->group);
    } else {
        hand_back(j);
    }
    return NULL;
}
static void *ends_the_process(void *arg)
{
    if (!arg)
        exit(1);
    waitgroup_done(arg);
    return NULL;
}
void start_good(struct job *j)
{
    pthread_t t;
    pthread_create(&t, NULL, every_way, j);
    pthread_create(&t, NULL, to_the_label, j);
    pthread_create(&t, NULL, guarded, j);
    pthread_create(&t, NULL, guarded_argument, j);
    pthread_create(&t, NULL, by_helper, j);
    pthread_create(&t, NULL, handed_on, j);
    pthread_create(&t, NULL, at_once, j);
    pthread_create(&t, NULL, pushed, j->group);
    pthread_create(&t, NULL, conditional, j);
    pthread_create(&t, NULL, ends_the_process, j->group);
}

int try_finish(struct job *j) /* no task: its caller knows what a 0 means */
{
    if (j->n)
        return 0;
    waitgroup_done(j->group);
    return 1;
}
static void finish_if_ready(struct job *j)
{
    if (j->n)
        return;
    waitgroup_done(j->group);
}
static void *polls(void *arg)
{
    struct job *j = arg;
    while (!try_finish(j))
        finish_if_ready(j->next);
    return NULL;
}
static void go_task(void *arg) /* counted by waitgroup_go() */
{
    struct job *j = arg;
    if (j->n)
        return;
    printf("work\n");
}
int start_more(struct job *j)
{
    pthread_t t;
    pthread_create(&t, NULL, polls, j);
    return waitgroup_go(j->group, go_task, j);
}

/* Nothing to give back yet: the task's own add, for what it starts, is still to come. */
static waitgroup_t own_add_group;
static void *leaves_before_its_own_add(void *arg)
{
    if (!*(int *)arg)
        return NULL;
    waitgroup_add(&own_add_group, 1);
    ++*(int *)arg;
    waitgroup_done(&own_add_group);
    return NULL;
}

void start_with_own_add(int *x)
{
    pthread_t t;
    waitgroup_add(&own_add_group, 1);
    pthread_create(&t, NULL, leaves_before_its_own_add, x);
    pthread_join(t, NULL);
    waitgroup_done(&own_add_group);
    waitgroup_wait(&own_add_group);
}
