/* bug 1: data race */
#include "../program.h"
#include <thread>

static int times;

struct Config {
    int value = 42;
    Config()
    {
        times++;
    }
};

static Config &config()
{
#if BUG
    static Config *instance = nullptr;
    if (!instance)
        instance = new Config;
    return *instance;
#else
    static Config instance;
    return instance;
#endif
}

static void use()
{
    if (config().value != 42)
        abort();
}

int main()
{
    std::thread other(use);
    use();
    other.join();
    return BUG ? 0 : times != 1;
}
