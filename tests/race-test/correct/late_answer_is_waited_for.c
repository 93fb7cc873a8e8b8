/* A request with a deadline: when time is up, the parts are left alone until a later Wait says that
 * they are there. */
#include "../work.h"

#include <errno.h>

static waitgroup_t parts;
static int part[3];

static void fetch(void *arg)
{
    int *p = arg;
    wait_for_device(1500);
    *p = 7;
}

int main(void)
{
    int sum = 0;
    for (int request = 0; request < 5; request++) {
        struct timespec deadline;
        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_nsec += 2000000;
        if (deadline.tv_nsec >= 1000000000) {
            deadline.tv_sec++;
            deadline.tv_nsec -= 1000000000;
        }
        for (int i = 0; i < 3; i++)
            start_task(&parts, fetch, &part[i]);
        if (waitgroup_clockwait(&parts, CLOCK_MONOTONIC, &deadline) == ETIMEDOUT)
            waitgroup_wait(&parts);
        for (int i = 0; i < 3; i++)
            sum += part[i];
    }
    return sum != 5 * 3 * 7;
}
