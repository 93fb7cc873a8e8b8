/* bug 1: data race */
#include "../program.h"
#include <mutex>
#include <thread>

static std::once_flag flag;
static int config;

static void use()
{
#if BUG
    if (!config)
        config = 42;
#else
    std::call_once(
        flag, [](int value) { config = value; }, 42);
#endif
    if (config != 42)
        abort();
}

int main()
{
    std::thread other(use);
    use();
    other.join();
    return 0;
}
