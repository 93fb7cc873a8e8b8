/* expect: crash: Segmentation fault */
#include <stddef.h>

int *volatile nowhere;

int main(void)
{
    return *nowhere;
}
