/* question: does waitgroup_go order what the starter does afterwards before the task? | rule: order only | mirrors: - | expect: data race in main */
#include "scenario.h"

waitgroup_t wg;
moment_t taken;
int input, result;

static void task(void *unused)
{
    (void)unused;
    result = input + 1;
    moment_pass(&taken);
}

int main(void)
{
    moment_init(&taken, 2);
    if (waitgroup_go(&wg, task, NULL) != 0)
        return 1;
    moment_pass(&taken);
    input = 41;
    waitgroup_wait(&wg);
    result++;
    return done();
}
