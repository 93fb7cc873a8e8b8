/* Ways that end a function between an add and its start, with the wait elsewhere; and what a negative result tells. */
#include <pthread.h>
#include <stdlib.h>
#include <waitgroup.h>

struct connection {
    int socket;
    waitgroup_t *group;
};
void use(const void *p);
int handshake(struct connection *c), hand_on(struct connection *c);

/* ---- a group that no other file can get at: nobody hands the add back ---- */

static waitgroup_t clients;
static void *serve_client(void *arg)
{
    use(arg);
    free(arg);
    waitgroup_done(&clients);
    return NULL;
}
int serve(int socket)
{
    pthread_t t;
    waitgroup_add(&clients, 1); // want: not-started
    struct connection *c = malloc(sizeof *c);
    if (!c)
        return -1;
    c->socket = socket;
    if (pthread_create(&t, NULL, serve_client, c) != 0) {
        waitgroup_done(&clients);
        return -1;
    }
    return 0;
}
int serve_later(int socket)
{
    pthread_t t;
    struct connection *c = malloc(sizeof *c);
    if (!c)
        return -1;
    c->socket = socket;
    waitgroup_add(&clients, 1);
    if (pthread_create(&t, NULL, serve_client, c) != 0)
        goto failed;
    return 0;
failed:
    waitgroup_done(&clients);
    free(c);
    return -1;
}
void stop_serving(void)
{
    waitgroup_wait(&clients);
}

/* one function opens, another one closes */
static waitgroup_t sessions;
static void *session(void *arg)
{
    use(arg);
    waitgroup_done(&sessions);
    return NULL;
}
int open_session(void *arg, int threaded)
{
    pthread_t t;
    waitgroup_add(&sessions, 1);
    return threaded ? pthread_create(&t, NULL, session, arg) : 0;
}
void close_session(void)
{
    waitgroup_done(&sessions);
}
void end_sessions(void)
{
    waitgroup_wait(&sessions);
}

/* another file gets at the group, and calls done for what was not started */
static waitgroup_t shared;
waitgroup_t *shared_group(void)
{
    return &shared;
}
static void *sharing(void *arg)
{
    use(arg);
    waitgroup_done(&shared);
    return NULL;
}
int start_shared(void *arg)
{
    pthread_t t;
    waitgroup_add(&shared, 1);
    return arg ? pthread_create(&t, NULL, sharing, arg) : 1;
}
void end_shared(void)
{
    waitgroup_wait(&shared);
}

/* who calls it hands the add back */
static waitgroup_t helped;
static void *helper(void *arg)
{
    use(arg);
    waitgroup_done(&helped);
    return NULL;
}
static int start_helper(void *arg)
{
    pthread_t t;
    waitgroup_add(&helped, 1);
    return arg ? pthread_create(&t, NULL, helper, arg) : 1;
}
void help(void *arg)
{
    if (start_helper(arg) != 0)
        waitgroup_done(&helped);
}
void end_help(void)
{
    waitgroup_wait(&helped);
}

/* after the failure nobody waits any more */
static waitgroup_t measured;
static void *measure(void *arg)
{
    use(arg);
    waitgroup_done(&measured);
    return NULL;
}
int run_measure(void *arg)
{
    pthread_t t;
    waitgroup_add(&measured, 1);
    if (pthread_create(&t, NULL, measure, arg) != 0)
        return -1;
    waitgroup_wait(&measured);
    return 0;
}

/* ---- a negative result tells that the call failed, and did not take the count over ---- */

static void *greets(void *arg)
{
    struct connection *c = arg;
    if (handshake(c) < 0)
        return NULL; // want: missing-done
    waitgroup_done(c->group);
    return NULL;
}
static void *greets_minus_one(void *arg)
{
    struct connection *c = arg;
    if (handshake(c) == -1)
        return NULL; // want: missing-done
    waitgroup_done(c->group);
    return NULL;
}
static void *passes_on(void *arg)
{
    struct connection *c = arg;
    if (hand_on(c) >= 0)
        return NULL;
    waitgroup_done(c->group);
    return NULL;
}
static void *passes_on_positive(void *arg)
{
    struct connection *c = arg;
    if (hand_on(c) > 0)
        return NULL;
    waitgroup_done(c->group);
    return NULL;
}
void greet(struct connection *c)
{
    static void *(*const tasks[])(void *) = {greets, greets_minus_one, passes_on, passes_on_positive};
    static waitgroup_t group;
    c->group = &group;
    for (int i = 0; i < 4; i++) {
        pthread_t t;
        waitgroup_add(&group, 1);
        if (pthread_create(&t, NULL, tasks[i], c) != 0)
            abort();
    }
    waitgroup_wait(&group);
}
