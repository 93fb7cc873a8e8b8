/* bug 1: data race | bug 2: deadlock | also: deadlock */
/* The waiter of libstdc++ 12 sleeps on the value that it read before it spun, which may have come back since
 * (bits/atomic_wait.h): in 4 of all orders it misses its wake-up. */
#include "../program.h"
#include <chrono>
#include <semaphore>
#include <thread>

static std::counting_semaphore<2> slots(BUG == 1 ? 2 : 1);
static int x;

static void work()
{
    slots.acquire();
    meet(BUG == 1);
    x++;
#if BUG != 2
    slots.release();
#endif
}

int main()
{
    std::thread other(work);
    work();
    other.join();
    if (slots.try_acquire_for(std::chrono::seconds(BUG ? 0 : 10)))
        x++;
    return BUG ? 0 : x != 3;
}
