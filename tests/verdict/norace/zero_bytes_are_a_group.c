/* question: is memory a group as soon as it is zero, whatever it was before? | rule: group | mirrors: none, Go's memory is zero at first | expect: no race */
#include "scenario.h"

#include <string.h>

static void *worker(void *wg)
{
    waitgroup_done(wg);
    return NULL;
}

static void use(waitgroup_t *wg)
{
    pthread_t thread;
    waitgroup_add(wg, 2);
    if (pthread_create(&thread, NULL, worker, wg) != 0)
        exit(3);
    waitgroup_done(wg);
    waitgroup_wait(wg);
    thread_join(thread);
}

int main(void)
{
    waitgroup_t *wg = calloc(2, sizeof *wg);
    if (wg == NULL)
        return 3;
    use(&wg[0]);
    wg = realloc(wg, 4096 * sizeof *wg); /* moved after its use: zeroed, it is new */
    if (wg == NULL)
        return 3;
    for (int round = 0; round < 3; round++) {
        memset(wg, 0xff, sizeof *wg);
        memset(wg, 0, sizeof *wg);
        use(&wg[0]);
        waitgroup_t local = WAITGROUP_INIT;
        use(&local);
    }
    free(wg);
    return done();
}
