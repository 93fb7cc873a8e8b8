/* bug 1: data race */
#include "../program.h"
#include <stop_token>
#include <thread>

static int asked;

int main()
{
    std::jthread worker([](std::stop_token token) {
        std::stop_callback callback(token, [] { asked++; });
        while (!token.stop_requested())
            std::this_thread::yield();
#if BUG
        asked++; /* the callback may still run */
#endif
    });
    worker.request_stop();
    worker.join();
    return BUG ? 0 : asked != 1;
}
