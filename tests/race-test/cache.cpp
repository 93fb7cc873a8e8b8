// Filled once, by whoever comes first; but it is called ready before it is.
#include <mutex>
#include <thread>
#include <vector>

static std::mutex lock;
static bool ready;
static std::vector<int> value;

static int get()
{
    if (!ready) {
        std::lock_guard<std::mutex> guard(lock);
        if (!ready) {
            ready = true;
            value = std::vector<int>{1, 2, 3};
        }
    }
    return value.empty() ? 0 : value[0];
}

int main()
{
    int first = 0, second = 0;
    std::thread one([&] { first = get(); }), two([&] { second = get(); });
    one.join();
    two.join();
    return first == 1 && second == 1 ? 0 : 1;
}
