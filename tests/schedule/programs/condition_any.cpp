/* bug 1: deadlock | bug 2: data race */
#include "../program.h"
#include <condition_variable>
#include <mutex>
#include <thread>

static std::recursive_mutex lock;
static std::condition_variable_any some;
static int rounds;

int main()
{
    std::jthread worker([](std::stop_token token) {
        std::unique_lock held(lock);
#if BUG == 1
        some.wait(held, [] { return rounds == 5; }); /* a wait that no stop ends */
#else
        std::lock_guard again(lock);
        lock.unlock();
        some.wait(held, token, [] { return false; });
        lock.lock();
#endif
        rounds++;
    });
    worker.request_stop();
#if BUG == 2
    rounds++;
#endif
    worker.join();
    return BUG ? 0 : rounds != 1;
}
