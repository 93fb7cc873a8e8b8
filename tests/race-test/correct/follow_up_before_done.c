/* A crawler: whoever finds a link announces the page behind it while it is itself still counted. */
#include "../work.h"

static waitgroup_t pages;
static int fetched[31];

static void fetch(void *page)
{
    int *p = page;
    long number = p - fetched;
    wait_for_device(300);
    *p = 1;
    for (long next = 2 * number + 1; next <= 2 * number + 2 && next < 31; next++)
        start_task(&pages, fetch, &fetched[next]);
}

int main(void)
{
    int sum = 0;
    start_task(&pages, fetch, &fetched[0]);
    waitgroup_wait(&pages);
    for (int i = 0; i < 31; i++)
        sum += fetched[i];
    wait_for_device(10000);
    return sum != 31;
}
