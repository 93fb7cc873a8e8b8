/* question: and when it is copied before its first use? | rule: copy | mirrors: - | expect: no race */
#include "scenario.h"

struct job {
    int number;
    waitgroup_t wg;
} first, second;

int main(void)
{
    second = first;
    waitgroup_add(&first.wg, 1);
    waitgroup_add(&second.wg, 1);
    second.number = 2;
    waitgroup_done(&second.wg);
    waitgroup_done(&first.wg);
    return done();
}
