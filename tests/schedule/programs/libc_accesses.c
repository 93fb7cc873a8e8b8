/* bug 1: data race | bug 2: data race | bug 3: data race | bug 4: data race */
#include "../program.h"
#include <string.h>
#include <waitgroup.h>

static waitgroup_t group;
static char name[32], copy[32];
static const char *volatile text = "worker"; /* no constants: those are copied without a call */
static volatile size_t length = 6;
int same;

static void *work(void *arg)
{
#if BUG
    waitgroup_done(&group);
#endif
    if (BUG == 1)
        snprintf(name, sizeof name, "%s", text);
    else if (BUG == 2)
        strncpy(name, text, length);
    else if (BUG == 3)
        memset(name, 'w', length);
    else
        name[0] = 'w';
#if !BUG
    waitgroup_done(&group);
#endif
    return arg;
}

int main(void)
{
    waitgroup_add(&group, 1);
    pthread_t thread = start(work, NULL);
    waitgroup_wait(&group);
    if (BUG == 4)
        same = strcmp(name, text) + snprintf(copy, sizeof copy, "%s", name) + memcmp(name, copy, length);
    else
        same = name[0];
    join(thread);
    return 0;
}
