/* expect: panic: waitgroup: NULL WaitGroup */
#include <stddef.h>
#include <waitgroup.h>

waitgroup_t *volatile none;

int main(void)
{
    waitgroup_wait(none);
}
