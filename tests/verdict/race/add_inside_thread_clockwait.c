/* question: is an add inside the thread seen to conflict with a clockwait that blocks? | rule: add | mirrors: - | expect: WaitGroup misuse in waitgroup_add, waitgroup_clockwait */
#include "scenario.h"

waitgroup_t wg;
moment_t added;

static void *worker(void *unused)
{
    waitgroup_add(&wg, 1);
    moment_pass(&added);
    until_blocked(&wg, 1);
    waitgroup_done(&wg);
    return unused;
}

int main(void)
{
    const struct timespec far_future = {4000000000, 0};
    moment_init(&added, 2);
    pthread_t thread = thread_start(worker);
    moment_pass(&added);
    if (waitgroup_clockwait(&wg, CLOCK_REALTIME, &far_future) != 0)
        return 1;
    thread_join(thread);
    return done();
}
