/* A correct test: eight tasks, one sum. */
#include <waitgroup.h>

static waitgroup_t group = WAITGROUP_INIT;
static int squares[8];

static void square(void *cell)
{
    int *p = cell;
    *p = (int)(p - squares) * (int)(p - squares);
}

int main(void)
{
    int sum = 0;
    for (int i = 0; i < 8; i++)
        if (waitgroup_go(&group, square, &squares[i]) != 0)
            return 1;
    waitgroup_wait(&group);
    for (int i = 0; i < 8; i++)
        sum += squares[i];
    return sum != 140;
}
