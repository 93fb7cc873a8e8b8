/* bug 1: abort | plain: hangs now and then with gcc 12, whose waiters do not hear of an initializer that failed */
#include "../program.h"
#include <atomic>
#include <stdexcept>
#include <thread>

static std::atomic<int> tries;

struct Config {
    Config()
    {
        if (++tries == 1)
            throw std::runtime_error("the first one fails");
    }
};

static void use()
{
    try {
        static Config config;
    } catch (const std::runtime_error &) {
        if (BUG)
            throw; /* out of a thread: std::terminate */
    }
}

int main()
{
    std::thread one(use), two(use);
    one.join();
    two.join();
    return tries != 2;
}
