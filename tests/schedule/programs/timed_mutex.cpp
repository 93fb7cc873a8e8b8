/* bug 1: data race | plain: gcc 12's runtime does not know pthread_mutex_clocklock, which try_lock_for calls */
#include "../program.h"
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <thread>

static std::recursive_timed_mutex lock;
static std::shared_timed_mutex shared;
static int x, y;

static void work()
{
    {
        std::unique_lock writes(shared, std::chrono::hours(1));
        while (!writes)
            (void)writes.try_lock_for(std::chrono::hours(1));
        y++;
    }
    {
        std::shared_lock reads(shared, std::chrono::hours(1));
        while (!reads)
            (void)reads.try_lock_for(std::chrono::hours(1));
        if (y > 2)
            abort();
    }
    while (!lock.try_lock_for(std::chrono::hours(1)))
        ;
    lock.lock();
    x++;
    lock.unlock();
#if BUG
    lock.unlock();
    x++;
#else
    x++;
    lock.unlock();
#endif
}

int main()
{
    std::thread other(work);
    work();
    other.join();
    return BUG ? 0 : x != 4;
}
