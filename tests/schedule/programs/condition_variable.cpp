/* bug 1: deadlock | bug 2: data race */
#include "../program.h"
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

static std::mutex lock;
static std::condition_variable some;
static std::deque<int> queue;

static void consume(int *sum)
{
    for (int i = 0; i < 2; i++) {
        meet(BUG == 1 && i == 0);
        std::unique_lock held(lock);
#if BUG == 1
        some.wait(held); /* what is there already is not asked */
#else
        while (!some.wait_for(held, std::chrono::hours(1), [] { return !queue.empty(); }))
            ;
#endif
        *sum += queue.front();
        queue.pop_front();
    }
}

int main()
{
    int sum = 0;
    std::thread consumer(consume, &sum);
    for (int i = 1; i <= 2; i++) {
#if BUG == 2
        queue.push_back(i);
#else
        std::lock_guard held(lock);
        queue.push_back(i);
#endif
        some.notify_one();
    }
    meet(BUG == 1);
    consumer.join();
    return BUG ? 0 : sum != 3;
}
