/* question: and with the waitgroup_go in the thread that waits? | rule: add | mirrors: - | expect: no race */
#include "scenario.h"

waitgroup_t wg;

static void task(void *unused)
{
    (void)unused;
    until_blocked(&wg, 1);
}

int main(void)
{
    if (waitgroup_go(&wg, task, NULL) != 0)
        return 1;
    waitgroup_wait(&wg);
    return done();
}
