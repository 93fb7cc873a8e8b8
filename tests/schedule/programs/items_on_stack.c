/* bug 1: data race, crash, deadlock */
#include "../program.h"
#include <waitgroup.h>

struct item {
    int in, out;
};
static waitgroup_t group;
static pthread_t started[3];
static int started_count;
int sum;

static void *square(void *arg)
{
    struct item *item = arg;
    meet(BUG && item->in == 1);
    item->out = item->in * item->in;
    waitgroup_done(&group);
    return NULL;
}

static int submit(struct item *item)
{
    if (started_count == 2)
        return -1; /* as pthread_create() with EAGAIN */
    started[started_count++] = start(square, item);
    return 0;
}

/* When a submission fails, those before it are still at work on this stack. */
__attribute__((__noinline__)) static int process(void)
{
    struct item items[3];
    for (int i = 0; i < 3; i++) {
        items[i] = (struct item){i, 0};
        waitgroup_add(&group, 1);
        if (submit(&items[i]) != 0) {
            waitgroup_done(&group);
#if !BUG
            waitgroup_wait(&group);
#endif
            return -1;
        }
    }
    waitgroup_wait(&group);
    return 0;
}

__attribute__((__noinline__)) static void fill(int *cells, int count)
{
    for (int i = 0; i < count; i++)
        cells[i] = i;
}

__attribute__((__noinline__)) static int other_work(void)
{
    int cells[64];
    fill(cells, 64);
    return cells[5];
}

int main(void)
{
    int failed = process();
    sum = other_work();
    meet(BUG);
    for (int i = 0; i < started_count; i++)
        join(started[i]);
    return failed != -1;
}
