/* answer: data race
 * sibling: go_orders_both_ways, 1 line
 * pair: main "input = 40", task "result = input" */
#include "lesson.h"

waitgroup_t wg;
int input, result;

void task(void *unused)
{
    (void)unused;
    result = input + 2;
}

int main(void)
{
    if (waitgroup_go(&wg, task, 0) != 0)
        return 1;
    input = 40;
    waitgroup_wait(&wg);
    printf("%d\n", result);
}
