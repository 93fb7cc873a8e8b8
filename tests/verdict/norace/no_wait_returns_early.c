/* question: does a wait ever return before both workers are through? | rule: order | mirrors: TestWaitGroupRace | expect: no race */
#include "scenario.h"

enum { ROUNDS = 100 };

static void work(void *finished)
{
    __atomic_fetch_add((int *)finished, 1, __ATOMIC_RELAXED);
}

int main(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        waitgroup_t wg = WAITGROUP_INIT;
        int finished = 0;
        for (int i = 0; i < 2; i++)
            if (waitgroup_go(&wg, work, &finished) != 0)
                return 1;
        waitgroup_wait(&wg);
        if (finished != 2)
            return 1;
    }
    return done();
}
