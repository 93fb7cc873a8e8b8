/* question: may add(0) be called at any time, also while a release is in flight? | rule: any time | mirrors: - | expect: no race | go: may panic: sync: */
#include "scenario.h"

enum { ROUNDS = 1000 };

waitgroup_t wg;
int stop;

static void *adder(void *unused)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        waitgroup_add(&wg, 0);
    return unused;
}

static void task(void *unused)
{
    (void)unused;
    until_blocked(&wg, 1);
}

int main(void)
{
    pthread_t thread = thread_start(adder);
    for (int round = 0; round < ROUNDS; round++) {
        if (waitgroup_go(&wg, task, NULL) != 0)
            return 1;
        waitgroup_wait(&wg);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    thread_join(thread);
    return done();
}
