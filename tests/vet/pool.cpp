// A pool and a service as a user writes them: constructors, destructors and lambdas count and leave.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>
#include <waitgroup.h>

int work(int n);
struct done_guard {
    waitgroup_t *wg;
    explicit done_guard(waitgroup_t *w) : wg(w)
    {
    }
    ~done_guard()
    {
        waitgroup_done(wg);
    }
};
class pool
{
  public:
    pool(int n)
    {
        for (int i = 0; i < n; i++) {
            waitgroup_add(&busy, 1);
            threads.emplace_back([this] { run(); });
        }
    }
    ~pool()
    {
        std::lock_guard<std::mutex> hold(lock);
        waitgroup_wait(&busy); // want: wait-locked
    }
    void run()
    {
        {
            std::lock_guard<std::mutex> hold(lock);
            count++;
        }
        waitgroup_done(&busy);
    }

  private:
    waitgroup_t busy = WAITGROUP_INIT;
    std::mutex lock;
    int count = 0;
    std::vector<std::thread> threads;
};
void guarded(int n)
{
    waitgroup_t wg = WAITGROUP_INIT;
    std::vector<std::thread> ts;
    for (int i = 0; i < n; i++) {
        waitgroup_add(&wg, 1);
        ts.emplace_back([&wg, i] {
            done_guard g(&wg);
            if (work(i))
                return;
            work(i + 1);
        });
    }
    waitgroup_wait(&wg);
    for (auto &t : ts)
        t.join();
}
void forgets(int n)
{
    static waitgroup_t wg;
    waitgroup_add(&wg, 1);
    std::thread([n] {
        if (n > 3)
            return; // want: missing-done
        work(n);
        waitgroup_done(&wg);
    }).detach();
    waitgroup_wait(&wg);
}
void initialized_if(int n)
{
    static waitgroup_t wg;
    waitgroup_add(&wg, 1);
    std::thread t([n] {
        if (int rc = work(n); rc < 0)
            return; // want: missing-done
        try {
            if (work(2) > 9)
                return; // want: missing-done
        } catch (...) {
        }
        waitgroup_done(&wg);
    });
    waitgroup_wait(&wg);
    t.join();
}
class service
{
    waitgroup_t up = WAITGROUP_INIT;
    std::thread thread;

  public:
    service()
    {
        thread = std::thread([this] { loop(); });
        waitgroup_add(&up, 1); // want: add-after-start
    }
    void loop()
    {
        work(1);
        waitgroup_done(&up);
    }
    ~service()
    {
        waitgroup_wait(&up);
        thread.join();
    }
};
struct counted {
    waitgroup_t *wg;
    counted(waitgroup_t *w) : wg(w)
    {
        waitgroup_add(wg, 1);
    }
    ~counted()
    {
        waitgroup_done(wg);
    }
};
void counts_by_constructor()
{
    static waitgroup_t wg;
    auto *c = new counted(&wg);
    std::thread t([c] { delete c; });
    waitgroup_wait(&wg);
    t.join();
}
void lambda_by_name(int n)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    auto task = [&wg, n] {
        work(n);
        waitgroup_done(&wg);
    };
    waitgroup_add(&wg, 1);
    std::thread t(task);
    t.detach();
    if (work(n) < 0)
        return;
    waitgroup_wait(&wg);
}
void over_a_range(const std::vector<int> &numbers)
{
    static waitgroup_t wg;
    waitgroup_add(&wg, 1);
    std::thread t([&numbers] {
        for (int number : numbers) {
            if (work(number))
                return; // want: missing-done
        }
        waitgroup_done(&wg);
    });
    waitgroup_wait(&wg);
    t.join();
}

/* A guard that is handed the group by its constructor: the thread has the address of the group. */
bool returns_before_guard(int x)
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    std::thread([&wg] { done_guard guard(&wg); }).detach();
    if (x > 100)
        return false;
    waitgroup_wait(&wg);
    return true;
}

bool waits_for_guard(int x)
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    std::thread([&wg] { done_guard guard(&wg); }).detach();
    waitgroup_wait(&wg);
    return x <= 100;
}
