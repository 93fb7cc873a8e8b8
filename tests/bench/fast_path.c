/* What a user's call of each inline function compiles to; read by fast_path.py. */
#include <waitgroup.h>

void call_add(waitgroup_t *wg);
void call_add_n(waitgroup_t *wg, int n);
void call_done(waitgroup_t *wg);
void call_wait(waitgroup_t *wg);

void call_add(waitgroup_t *wg)
{
    waitgroup_add(wg, 1);
}

void call_add_n(waitgroup_t *wg, int n)
{
    waitgroup_add(wg, n);
}

void call_done(waitgroup_t *wg)
{
    waitgroup_done(wg);
}

void call_wait(waitgroup_t *wg)
{
    waitgroup_wait(wg);
}
