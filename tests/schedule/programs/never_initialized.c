/* bug 1: abort */
#include "../program.h"
#include <string.h>
#include <waitgroup.h>

struct pool {
    int number;
    waitgroup_t group;
};

static void *work(void *arg)
{
    waitgroup_done(&((struct pool *)arg)->group);
    return NULL;
}

int main(void)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (BUG)
        memset(pool, '7', sizeof *pool); /* as malloc() leaves it when the heap was used before */
    waitgroup_add(&pool->group, 2);
    pthread_t threads[] = {start(work, pool), start(work, pool)};
    waitgroup_wait(&pool->group);
    for (int i = 0; i < 2; i++)
        join(threads[i]);
    free(pool);
    return 0;
}
