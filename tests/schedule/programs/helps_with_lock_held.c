/* bug 1: deadlock, data race, double lock of a mutex */
#include "../program.h"
#include <waitgroup.h>

/* Who waits for a group runs queued tasks meanwhile: one that needs the lock that he holds, perhaps. */
struct task {
    void (*run)(void);
    waitgroup_t *group;
};
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER, state = PTHREAD_MUTEX_INITIALIZER;
static struct task queue[8];
static int head, tail, parents, children;

static void submit(waitgroup_t *group, void (*run)(void))
{
    waitgroup_add(group, 1);
    pthread_mutex_lock(&queue_lock);
    queue[tail++] = (struct task){run, group};
    pthread_mutex_unlock(&queue_lock);
}

static int run_one(void)
{
    struct task task = {NULL, NULL};
    pthread_mutex_lock(&queue_lock);
    if (head < tail)
        task = queue[head++];
    pthread_mutex_unlock(&queue_lock);
    if (!task.run)
        return 0;
    task.run();
    waitgroup_done(task.group);
    return 1;
}

static void wait_helping(waitgroup_t *group)
{
    static const struct timespec now = {0, 0};
    while (waitgroup_clockwait(group, CLOCK_MONOTONIC, &now) == ETIMEDOUT)
        if (!run_one()) {
            waitgroup_wait(group);
            break;
        }
}

static void child(void)
{
    pthread_mutex_lock(&queue_lock);
    children++;
    pthread_mutex_unlock(&queue_lock);
}

static void parent(void)
{
    waitgroup_t mine = WAITGROUP_INIT;
    pthread_mutex_lock(&state);
    parents++;
#if BUG
    submit(&mine, child);
    wait_helping(&mine);
    pthread_mutex_unlock(&state);
#else
    pthread_mutex_unlock(&state);
    submit(&mine, child);
    wait_helping(&mine);
#endif
}

static void *work(void *arg)
{
    while (run_one())
        ;
    return arg;
}

int main(void)
{
    static waitgroup_t all;
    submit(&all, parent);
    submit(&all, parent);
    pthread_t thread = start(work, NULL);
    wait_helping(&all);
    join(thread);
    return parents != 2 || children != 2;
}
