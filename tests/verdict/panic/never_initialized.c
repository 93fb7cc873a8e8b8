/* question: is memory that never was a group called that, and not misuse of one? | rule: group | mirrors: none, Go's memory is zero at first | expect: waitgroup: this is no WaitGroup: never initialized, or freed, or overwritten */
#include "scenario.h"

#include <string.h>

struct pool {
    int size;
    waitgroup_t wg;
};

int main(void)
{
    struct pool *pool = malloc(sizeof *pool);
    if (pool == NULL)
        return 3;
    memset(pool, 0xa5, sizeof *pool); /* what the heap may hold from before */
    pool->size = 1;
    waitgroup_add(&pool->wg, 1);
    waitgroup_done(&pool->wg);
    waitgroup_wait(&pool->wg);
    return done();
}
