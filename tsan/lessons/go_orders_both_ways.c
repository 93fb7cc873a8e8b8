/* answer: no race
 * pair: task "result = input", main "printf" */
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
    input = 40;
    if (waitgroup_go(&wg, task, 0) != 0)
        return 1;
    waitgroup_wait(&wg);
    printf("%d\n", result);
}
