/* The parts of the script that a test sets, and the counts that it looks at (script.h). */
#include "script.h"

#include <stddef.h>

int script_acquires, script_releases;
uint32_t script_released, script_taken;
int (*script_on_acquire)(waitgroup_t *wg, const struct timespec *deadline);
void (*script_on_release)(waitgroup_t *wg);

static waitgroup_t *group_of(uint32_t *sema)
{
    return (waitgroup_t *)(void *)((char *)sema - offsetof(waitgroup_t, sema));
}

int waitgroup_sema_acquire_(uint32_t *sema, clockid_t clock, const struct timespec *deadline)
{
    (void)clock;
    script_acquires++;
    const int result = script_on_acquire(group_of(sema), deadline);
    if (result == 0)
        script_taken++;
    return result;
}

void waitgroup_sema_release_(uint32_t *sema, uint32_t n)
{
    script_releases++;
    script_released += n;
    if (script_on_release)
        script_on_release(group_of(sema));
}
