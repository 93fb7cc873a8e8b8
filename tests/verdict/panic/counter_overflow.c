/* question: does an add past INT32_MAX panic, instead of wrapping round? | rule: balance | mirrors: - | expect: sync: negative WaitGroup counter | prints: rule: the counter holds at most INT32_MAX tasks */
#include "scenario.h"

waitgroup_t wg;

int main(void)
{
    waitgroup_add(&wg, INT32_MAX);
    waitgroup_add(&wg, 1);
    return done();
}
