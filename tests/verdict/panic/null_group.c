/* question: is a call without a group a clear panic? | mirrors: - | expect: waitgroup: NULL WaitGroup */
#include "scenario.h"

waitgroup_t *volatile none;

int main(void)
{
    waitgroup_done(none);
    return done();
}
