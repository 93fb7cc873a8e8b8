/* expect: no race */
#include <stdlib.h>
#include <waitgroup.h>

static void handler(waitgroup_t *wg, const char *message)
{
    (void)wg;
    (void)message;
    exit(0);
}

int main(void)
{
    static waitgroup_t wg;
    waitgroup_set_panic_handler(handler);
    waitgroup_done(&wg);
}
