/* bug 1: data race */
#include "../program.h"
#include <mutex>
#include <thread>

static std::mutex lock;
static int total;

struct Counter {
    int hits = 0;
    ~Counter()
    {
#if !BUG
        std::lock_guard held(lock);
#endif
        total += hits;
    }
};
static thread_local Counter counter;

static void work()
{
    for (int i = 0; i < 3; i++)
        counter.hits++;
}

int main()
{
    std::thread one(work), two(work);
    one.join();
    two.join();
    return BUG ? 0 : total != 6;
}
