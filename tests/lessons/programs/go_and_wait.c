/* expect: no race */
#include <stdio.h>
#include <waitgroup.h>

waitgroup_t wg;
int squares[2];

static void square(void *cell)
{
    int *p = cell;
    *p = (int)(p - squares) + 1;
}

int main(void)
{
    for (int i = 0; i < 2; i++)
        if (waitgroup_go(&wg, square, &squares[i]) != 0)
            return 1;
    waitgroup_wait(&wg);
    return printf("%d\n", squares[0] + squares[1]) < 0;
}
