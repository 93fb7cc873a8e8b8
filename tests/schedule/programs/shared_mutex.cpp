/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <mutex>
#include <shared_mutex>
#include <thread>

static std::shared_mutex lock;
static int x;

static void work()
{
    {
        std::shared_lock held(lock);
        if (x > 2)
            abort();
#if BUG == 2
        meet(1);
        std::unique_lock upgraded(lock);
#endif
    }
#if BUG == 1
    std::shared_lock held(lock);
#else
    std::unique_lock held(lock);
#endif
    x++;
}

int main()
{
    std::thread other(work);
    work();
    other.join();
    return BUG ? 0 : x != 2;
}
