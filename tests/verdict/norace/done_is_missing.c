/* question: is a wait told of that no done will ever end? | rule: balance | mirrors: - | expect: no race | options: stall_after=0.1 | prints: waitgroup: a Wait has been blocked for */
#include "scenario.h"

#include <errno.h>

waitgroup_t wg;

static void *worker(void *unused)
{
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    waitgroup_add(&wg, 2);
    thread_join(thread_start(worker));
    const struct timespec deadline = deadline_soon();
    return waitgroup_clockwait(&wg, CLOCK_MONOTONIC, &deadline) == ETIMEDOUT ? done() : 1;
}
