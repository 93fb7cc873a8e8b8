/* question: does one done too many panic? | rule: balance | mirrors: TestWaitGroupMisuse | expect: sync: negative WaitGroup counter */
#include "scenario.h"

waitgroup_t wg;

int main(void)
{
    waitgroup_add(&wg, 1);
    waitgroup_done(&wg);
    waitgroup_done(&wg);
    return done();
}
