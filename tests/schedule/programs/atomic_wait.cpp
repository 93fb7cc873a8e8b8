/* bug 1: deadlock | bug 2: data race, abort */
#include "../program.h"
#include <atomic>
#include <thread>

static std::atomic<int> stage;
static int x;

int main()
{
    std::thread thread([] {
        stage.wait(0);
        int seen = x;
        if (BUG == 1)
            nap_if_led();
        stage = 2;
#if BUG != 1
        stage.notify_all();
#endif
        if (seen != 1)
            abort();
    });
#if BUG == 2
    stage.store(1, std::memory_order_relaxed);
    stage.notify_one();
    x = 1;
#else
    x = 1;
    stage = 1;
    stage.notify_one();
    stage.wait(1);
#endif
    thread.join();
    return 0;
}
