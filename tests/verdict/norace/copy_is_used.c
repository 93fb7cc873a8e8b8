/* question: is a done on a copy of a group in use seen? | rule: copy | mirrors: - | expect: no race | strict: panic: waitgroup: WaitGroup copied after first use */
#include "scenario.h"

#include <string.h>

waitgroup_t wg, copy;

int main(void)
{
    waitgroup_add(&wg, 1);
    memcpy(&copy, &wg, sizeof wg);
    waitgroup_done(&copy);
    waitgroup_done(&wg);
    return done();
}
