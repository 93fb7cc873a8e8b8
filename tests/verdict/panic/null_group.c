/* question: is a call without a group a clear panic? | rule: group | mirrors: - | expect: waitgroup: NULL WaitGroup | go: panic: runtime error: invalid memory address or nil pointer dereference */
#include "scenario.h"

waitgroup_t *volatile none;

int main(void)
{
    waitgroup_done(none);
    return done();
}
