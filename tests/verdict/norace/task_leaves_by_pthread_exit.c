/* question: does a task of waitgroup_go that leaves by pthread_exit count down, and in order? | rule: order | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;
int result;

static void task(void *unused)
{
    result = 42;
    pthread_exit(unused);
}

int main(void)
{
    if (waitgroup_go(&wg, task, NULL) != 0)
        return 1;
    waitgroup_wait(&wg);
    result++;
    return done();
}
