/* expect: crash: SEGV */
#include <stddef.h>

int *volatile nowhere;

int main(void)
{
    return *nowhere;
}
