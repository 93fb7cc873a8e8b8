/* question: is memory that never was a group called that when it could be one? | rule: group | mirrors: none, Go's memory is zero at first | expect: no race | strict: panic: waitgroup: this is no WaitGroup: never initialized, or freed, or overwritten */
#include "scenario.h"

#include <string.h>

int main(void)
{
    const uint32_t from_before[4] = {0, 7, 0, 0};
    waitgroup_t *wg = malloc(sizeof *wg);
    if (wg == NULL)
        return 3;
    memcpy(wg, from_before, sizeof *wg);
    waitgroup_add(wg, 1);
    waitgroup_done(wg);
    free(wg);
    return done();
}
