/* question: does a report after calls of every kind show the stack as it is, without frames of those calls? | rule: order only | mirrors: - | expect: data race in main */
#include "scenario.h"

#include <errno.h>

waitgroup_t wg;
moment_t written;
int result;

static void task(void *unused)
{
    (void)unused;
    result = 42;
    moment_pass(&written);
}

int main(void)
{
    const struct timespec past = {0, 0};
    moment_init(&written, 2);
    waitgroup_add(&wg, 2);
    waitgroup_add(&wg, -1);
    if (waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &past) != ETIMEDOUT)
        return 1;
    waitgroup_done(&wg);
    waitgroup_wait(&wg);
    if (waitgroup_go(&wg, task, NULL) != 0)
        return 1;
    moment_pass(&written);
    result++;
    waitgroup_wait(&wg);
    return done();
}
