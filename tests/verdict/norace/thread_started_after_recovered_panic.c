/* question: does starting a thread after a recovered panic still order the starter before it? | rule: panic | mirrors: NoRaceWaitGroupPanicRecover2 | expect: no race */
#include "scenario.h"

#include <setjmp.h>

waitgroup_t wg;
jmp_buf recover_here;
int result;

static void recover(waitgroup_t *group, const char *message)
{
    (void)group;
    (void)message;
    longjmp(recover_here, 1);
}

static void *second(void *unused)
{
    result = 2;
    return unused;
}

static void *first(void *unused)
{
    result = 1;
    if (setjmp(recover_here) == 0)
        waitgroup_done(&wg);
    thread_join(thread_start(second));
    return unused;
}

int main(void)
{
    waitgroup_set_panic_handler(recover);
    thread_join(thread_start(first));
    return done();
}
