/* bug 1: data race | bug 2: abort */
#include "../program.h"
#include <thread>
#include <vector>

int main()
{
    int parts[3] = {};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i++)
#if BUG == 1
        threads.emplace_back([&] { parts[0] += i; });
#else
        threads.emplace_back([&parts, i] { parts[i] = i; });
#endif
#if BUG == 2
    return 0; /* not joined: std::terminate */
#endif
    for (auto &thread : threads)
        thread.join();
    return BUG ? 0 : parts[1] + parts[2] != 3;
}
