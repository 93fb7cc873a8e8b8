/* question: is a wait told of that only looking again has ended, as another process counted down? | rule: group | mirrors: none, Go's memory is not shared | expect: no race | strict: panic: waitgroup: WaitGroup in memory that is shared between processes | prints: shared */
#include "scenario.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    waitgroup_t *wg = mmap(NULL, sizeof *wg, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const pid_t parent = getpid();
    waitgroup_add(wg, 1);
    if (fork() == 0) {
        while (getppid() == parent &&
               !((uint32_t)__atomic_load_n(&wg->state, __ATOMIC_RELAXED) == 1 && is_asleep(parent)))
            sched_yield();
        waitgroup_done(wg);
        _exit(0);
    }
    struct timespec deadline; /* Parking on POSIX threads looks again only then. */
    do {
        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_sec += 3;
    } while (waitgroup_clockwait(wg, CLOCK_MONOTONIC, &deadline) == ETIMEDOUT);
    return wait(NULL) < 0 ? 1 : done();
}
