/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <future>
#include <stdexcept>
#include <thread>

static int config;

static int compute(int i)
{
    return config + i;
}

int main()
{
    config = 40;
    auto result = std::async(std::launch::async, compute, 2);
#if BUG == 1
    config = 41;
#endif
    std::promise<int> promise;
    auto failed = promise.get_future();
    std::thread thread([&] {
        if (BUG != 2)
            promise.set_exception(std::make_exception_ptr(std::runtime_error("no")));
    });
    bool thrown = false;
    try {
        failed.get();
    } catch (const std::runtime_error &) {
        thrown = true;
    }
    thread.join();
    std::packaged_task<int()> task([] { return 1; });
    auto one = task.get_future();
    std::thread(std::move(task)).detach();
    return BUG ? 0 : result.get() + one.get() != 43 || !thrown;
}
