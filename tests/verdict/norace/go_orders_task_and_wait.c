/* question: does waitgroup_go order the starter before the task, and the task before the wait? | rule: order | mirrors: TestWaitGroupGo (Go 1.25) | expect: no race */
#include "scenario.h"

waitgroup_t wg;
int input, result;

static void task(void *unused)
{
    (void)unused;
    result = input + 1;
}

int main(void)
{
    input = 41;
    if (waitgroup_go(&wg, task, NULL) != 0)
        return 1;
    waitgroup_wait(&wg);
    result++;
    return done();
}
