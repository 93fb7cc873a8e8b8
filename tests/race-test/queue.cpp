// Woken, it looks no second time whether there is something for it.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

class Queue
{
  public:
    void put(int item)
    {
        std::lock_guard<std::mutex> guard(lock);
        items.push_back(item);
        filled.notify_all();
    }

    int take()
    {
        std::unique_lock<std::mutex> guard(lock);
        if (items.empty())
            filled.wait(guard);
        if (items.empty())
            throw std::runtime_error("empty");
        const int item = items.front();
        items.pop_front();
        return item;
    }

  private:
    std::mutex lock;
    std::condition_variable filled;
    std::deque<int> items;
};

int main()
{
    Queue queue;
    std::vector<std::thread> takers;
    for (int i = 0; i < 2; i++)
        takers.emplace_back([&] {
            queue.take();
            queue.take();
        });
    for (int i = 0; i < 4; i++)
        queue.put(i);
    for (auto &taker : takers)
        taker.join();
}
