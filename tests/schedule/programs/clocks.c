/* bug 1: exit 1 */
#include "../program.h"
#include <sys/time.h>

/* A nap, and a look at each clock before and after it. Under a scheduler the nap is of an hour. */
int main(void)
{
    long nap = getenv("LED") ? 0 : 3600, slack = BUG;
    struct timespec monotonic = in_seconds(CLOCK_MONOTONIC, nap), length = {nap, 1000000};
    struct timeval day;
    gettimeofday(&day, NULL);
    time_t begin = time(NULL);
    while (nanosleep(&length, &length) != 0)
        ;
    struct timespec later = in_seconds(CLOCK_MONOTONIC, 0);
    struct timeval day_later;
    gettimeofday(&day_later, NULL);
    if (later.tv_sec < monotonic.tv_sec + slack || day_later.tv_sec < day.tv_sec + nap ||
        time(NULL) < begin + nap)
        return 1;
    struct timespec at = {later.tv_sec + nap, later.tv_nsec};
    if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
        return 2;
    later = in_seconds(CLOCK_MONOTONIC, 0);
    return later.tv_sec < at.tv_sec;
}
