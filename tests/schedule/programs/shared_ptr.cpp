/* bug 1: data race, heap-use-after-free | bug 2: heap-use-after-free, data race */
#include "../program.h"
#include <memory>
#include <thread>

struct Node {
    int value = 1;
    ~Node()
    {
        value = 0;
    }
};
static std::shared_ptr<Node> published;

int main()
{
    published = std::make_shared<Node>();
#if BUG == 1
    std::thread reader([] { /* the pointer itself is no atomic */
                            auto mine = published;
                            if (mine && mine->value != 1)
                                abort();
    });
#elif BUG == 2
    Node *raw = published.get();
    std::thread reader([raw] {
        meet(1);
        raw->value++;
    });
#else
    auto mine = published;
    std::thread reader([mine] {
        if (mine->value != 1)
            abort();
    });
    mine.reset();
#endif
    published.reset();
    meet(BUG == 2);
    reader.join();
    return 0;
}
