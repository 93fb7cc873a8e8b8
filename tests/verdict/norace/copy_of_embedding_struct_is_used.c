/* question: is a done on a group seen that was copied along with its struct? | rule: copy | mirrors: - | expect: no race | strict: panic: waitgroup: WaitGroup copied after first use */
#include "scenario.h"

struct job {
    int number;
    waitgroup_t wg;
} first, second;

int main(void)
{
    waitgroup_add(&first.wg, 1);
    second = first;
    second.number = 2;
    waitgroup_done(&second.wg);
    waitgroup_done(&first.wg);
    return done();
}
