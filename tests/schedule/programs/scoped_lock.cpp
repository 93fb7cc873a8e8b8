/* bug 1: deadlock, lock-order-inversion */
#include "../program.h"
#include <mutex>
#include <thread>

static std::mutex a, b;
static int x;

static void work(std::mutex &first, std::mutex &second)
{
#if BUG
    std::lock_guard one(first);
    meet(1);
    std::lock_guard two(second);
#else
    std::scoped_lock both(first, second);
#endif
    x++;
}

int main()
{
    std::thread other([] { work(b, a); });
    work(a, b);
    other.join();
    return x != 2;
}
