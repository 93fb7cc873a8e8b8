/* bug 1: data race | bug 2: deadlock */
#include "../program.h"
#include <barrier>
#include <latch>
#include <thread>

static int parts[2], sum;

int main()
{
    std::latch all(BUG == 2 ? 3 : 2);
    auto add = []() noexcept { sum += parts[0] + parts[1]; };
    std::barrier rounds(2, add);
    auto work = [&](int me) {
        parts[me] = 1;
        rounds.arrive_and_wait();
        parts[me] = 2;
#if BUG == 1
        (void)rounds.arrive();
        parts[me] = 3;
#else
        rounds.arrive_and_wait();
#endif
        all.count_down();
    };
    std::thread one(work, 0), two(work, 1);
    all.wait();
    int seen = sum;
    one.join();
    two.join();
    return BUG ? 0 : seen != 6;
}
