/* bug 1: abort | plain: hangs, with gcc's and clang's runtime: the once stays taken */
#include "../program.h"
#include <mutex>
#include <stdexcept>
#include <thread>

static std::once_flag flag;
static int tries;

static void use()
{
    try {
        std::call_once(flag, [] {
            if (++tries == 1)
                throw std::runtime_error("the first one fails");
        });
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
