/* What a task is reached by: the object around a member (container_of), tables of functions, the last link of a list. */
#include <pthread.h>
#include <stddef.h>
#include <waitgroup.h>

#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define container_of_typed(p, type, member)                   \
    ({                                                        \
        const __typeof__(((type *)0)->member) *inner_ = (p);  \
        (type *)((char *)inner_ - offsetof(type, member));    \
    })

void use(const void *p);
int failed(void);

/* ---- the object around a member ---- */

struct timer {
    int ms;
};
struct device {
    int id;
    struct {
        struct timer poll;
    } timers;
    waitgroup_t busy;
};
static void *poll_device(void *arg)
{
    struct device *d = container_of(arg, struct device, timers.poll);
    if (failed())
        return NULL; // want: missing-done
    use(d);
    waitgroup_done(&d->busy);
    return NULL;
}
void start_device(struct device *d)
{
    pthread_t t;
    waitgroup_add(&d->busy, 1);
    if (pthread_create(&t, NULL, poll_device, &d->timers.poll) != 0)
        waitgroup_done(&d->busy);
    waitgroup_wait(&d->busy);
}

struct disk {
    struct timer sync;
    waitgroup_t busy;
    pthread_mutex_t mutex;
    int dirty;
};
static void *sync_disk(void *arg)
{
    struct disk *d = container_of_typed((struct timer *)arg, struct disk, sync);
    pthread_mutex_lock(&d->mutex);
    d->dirty = 0;
    pthread_mutex_unlock(&d->mutex);
    waitgroup_done(&d->busy);
    return NULL;
}
void sync_locked(struct disk *d)
{
    pthread_t t;
    waitgroup_add(&d->busy, 1);
    if (pthread_create(&t, NULL, sync_disk, &d->sync) != 0)
        waitgroup_done(&d->busy);
    pthread_mutex_lock(&d->mutex);
    waitgroup_wait(&d->busy); // want: wait-locked
    pthread_mutex_unlock(&d->mutex);
}
void sync_late(struct disk *d)
{
    pthread_t t;
    if (pthread_create(&t, NULL, sync_disk, &d->sync) == 0)
        waitgroup_add(&d->busy, 1); // want: add-after-start
    waitgroup_wait(&d->busy);
}
int sync_once(int n)
{
    struct disk d = {.mutex = PTHREAD_MUTEX_INITIALIZER}; // want: stack-group
    pthread_t t;
    waitgroup_add(&d.busy, 1);
    if (pthread_create(&t, NULL, sync_disk, &d.sync) != 0)
        return -1;
    if (n > 3)
        return n;
    waitgroup_wait(&d.busy);
    return 0;
}

/* ---- tables ---- */

static waitgroup_t colours;
static void *red(void *arg)
{
    use(arg);
    waitgroup_done(&colours);
    return NULL;
}
static void *green(void *arg)
{
    if (failed())
        return NULL; // want: missing-done
    use(arg);
    waitgroup_done(&colours);
    return NULL;
}
static void *(*const painters[])(void *) = {red, [1] = green};
void paint(void)
{
    for (int i = 0; i < 2; i++) {
        pthread_t t;
        waitgroup_add(&colours, 1);
        if (pthread_create(&t, NULL, painters[i], NULL) != 0)
            waitgroup_done(&colours);
    }
    waitgroup_wait(&colours);
}

static waitgroup_t plugins;
static void *prepare(void *arg) /* is called, never started */
{
    if (failed())
        return NULL;
    waitgroup_done(&plugins);
    return arg;
}
static void *spell(void *arg)
{
    if (failed())
        return NULL; // want: missing-done
    use(arg);
    waitgroup_done(&plugins);
    return NULL;
}
static void *count_words(void *arg)
{
    use(arg);
    waitgroup_done(&plugins);
    return NULL;
}
static const struct plugin {
    const char *name;
    void *(*setup)(void *), *(*run)(void *);
} registry[] = {
    [0] = {"spell", NULL, spell},
    [1] = {.name = "words", .setup = prepare, .run = count_words},
};
void run_plugins(void)
{
    for (const struct plugin *p = registry; p < registry + 2; p++) {
        pthread_t t;
        waitgroup_add(&plugins, 1);
        if (p->setup)
            p->setup(NULL);
        if (pthread_create(&t, NULL, p->run, NULL) != 0)
            waitgroup_done(&plugins);
    }
    waitgroup_wait(&plugins);
}

/* which one is started is known here: the other one is only called */
struct job {
    void *(*perform)(void *);
};
static waitgroup_t jobs;
static void *called(void *arg)
{
    if (failed())
        return NULL;
    waitgroup_done(&jobs);
    return arg;
}
static void *started(void *arg)
{
    waitgroup_done(&jobs);
    return arg;
}
void perform(void)
{
    struct job first = {called}, second = {started};
    pthread_t t;
    waitgroup_add(&jobs, 1);
    if (pthread_create(&t, NULL, second.perform, NULL) != 0 && !first.perform(NULL))
        waitgroup_done(&jobs);
    waitgroup_wait(&jobs);
}

/* ---- the last link of a list ---- */

struct message {
    struct message *next;
    int what;
};
struct mailbox {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct message *first, **last;
    waitgroup_t unread;
};
static void *reader(void *arg)
{
    struct mailbox *m = arg;
    int what;
    do {
        pthread_mutex_lock(&m->mutex);
        while (!m->first)
            pthread_cond_wait(&m->filled, &m->mutex);
        struct message *got = m->first;
        m->first = got->next;
        what = got->what;
        if (!m->first)
            m->last = &m->first;
        pthread_mutex_unlock(&m->mutex);
        waitgroup_done(&m->unread);
    } while (what != 0);
    return NULL;
}
int open_mailbox(struct mailbox *m)
{
    pthread_t t;
    m->last = &m->first;
    return pthread_create(&t, NULL, reader, m);
}
static void append(struct mailbox *m, struct message *new)
{
    pthread_mutex_lock(&m->mutex);
    *m->last = new;
    m->last = &new->next;
    pthread_mutex_unlock(&m->mutex);
    pthread_cond_signal(&m->filled);
}
void post_too_soon(struct mailbox *m, struct message *new)
{
    append(m, new);
    waitgroup_add(&m->unread, 1); // want: add-after-hand-over
}
void post(struct mailbox *m, struct message *new)
{
    waitgroup_add(&m->unread, 1);
    append(m, new);
}
/* what is written under the lock before the add is not what the reader waits for */
void post_marked(struct mailbox *m, struct message *new)
{
    pthread_mutex_lock(&m->mutex);
    new->what = 1;
    pthread_mutex_unlock(&m->mutex);
    waitgroup_add(&m->unread, 1);
    append(m, new);
}
void close_mailbox(struct mailbox *m)
{
    waitgroup_wait(&m->unread);
}
