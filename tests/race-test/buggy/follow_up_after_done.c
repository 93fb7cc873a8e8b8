/* A crawler: the page with a link counts itself down before it announces the page behind the link.
 * That is harmless as long as another page is still being fetched. */
#include "../work.h"

static waitgroup_t pages;
static int fetched[6];

static void fetch_linked(void *page)
{
    wait_for_device(500);
    *(int *)page = 1;
    waitgroup_done(&pages);
}

static void *linked(void *page)
{
    fetch_linked(page);
    return NULL;
}

static void *fetch(void *page)
{
    int *p = page;
    int has_link = p == &fetched[0];
    wait_for_device(has_link ? 1000 : 3000 + 200 * (p - fetched));
    *p = 1;
    waitgroup_done(&pages);
    if (has_link) {
        waitgroup_add(&pages, 1); /* the bug: too late */
        pthread_detach(start_thread(linked, &fetched[5]));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[5];
    waitgroup_add(&pages, 5);
    for (int i = 0; i < 5; i++)
        threads[i] = start_thread(fetch, &fetched[i]);
    waitgroup_wait(&pages);
    for (int i = 0; i < 5; i++)
        pthread_join(threads[i], NULL);
    wait_for_device(5000);
    return 0;
}
