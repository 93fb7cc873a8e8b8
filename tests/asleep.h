/* What the kernel says of a thread: a barrier cannot tell that it has parked. */
#ifndef TESTS_ASLEEP_H
#define TESTS_ASLEEP_H

#include <stdio.h>
#include <unistd.h>

/* Is the thread asleep in the kernel? thread_id is what its gettid() tells, in any process. */
static inline int is_asleep(int thread_id)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", thread_id);
    FILE *stat = fopen(path, "r");
    if (stat == NULL || fscanf(stat, "%*d %*s %c", &state) != 1)
        _exit(3); /* no verdict */
    fclose(stat);
    return state == 'S';
}

#endif
