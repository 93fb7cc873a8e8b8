// The checks in C++: std::thread and lambdas, methods, guards.
#include <cstdio>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <vector>
#include <waitgroup.h>

bool ready();
void work(int n);
static waitgroup_t shared, another;
static std::mutex mutex, unused;
static int total;

struct pool {
    waitgroup_t group;
    waitgroup_t gate;
    std::mutex lock;
    int n = 0;
    void run();
    void run_well();
    void worker();
    void good_worker();
};

// ---- copy: all but memcpy is a compile error ----
void copies(waitgroup_t *to, const waitgroup_t *from, pool *p)
{
    std::memcpy(to, from, sizeof *to);                                 // want: copy
    memmove(static_cast<void *>(&p->group), &p->gate, sizeof p->gate); // want: copy
    std::memset(static_cast<void *>(to), 0, sizeof *to);
    waitgroup_t fresh = WAITGROUP_INIT, braces{};
    waitgroup_t &reference = fresh;
    waitgroup_add(&reference, 1);
    waitgroup_done(&fresh);
    waitgroup_wait(&braces);
}

// ---- add-in-task ----
static void task(waitgroup_t *wg)
{
    waitgroup_add(wg, 1); // want: add-in-task
    work(1);
    waitgroup_done(wg);
}
void add_in_lambda()
{
    std::thread t([] {
        waitgroup_add(&shared, 1); // want: add-in-task
        work(1);
        waitgroup_done(&shared);
    });
    std::thread u{task, &another};
    waitgroup_wait(&shared);
    t.join();
    u.join();
}
void add_in_captured(waitgroup_t *wg)
{
    auto run = [&] {
        waitgroup_add(wg, 1); // want: add-in-task
        work(1);
        waitgroup_done(wg);
    };
    std::thread t(run);
    std::vector<std::thread> threads;
    threads.emplace_back(
        [wg](int n) {
            waitgroup_add(wg, 1); // want: add-in-task
            work(n);
            waitgroup_done(wg);
        },
        3);
    auto f = std::async(std::launch::async, [wg] {
        waitgroup_add(wg, 1); // want: add-in-task
        waitgroup_done(wg);
    });
    waitgroup_wait(wg);
    t.join();
    threads[0].join();
}
void pool::worker()
{
    waitgroup_add(&group, 1); // want: add-in-task
    work(n);
    waitgroup_done(&group);
}
void pool::run()
{
    std::thread t(&pool::worker, this);
    waitgroup_wait(&group);
    t.join();
}
void pool::good_worker()
{
    work(n);
    waitgroup_done(&group);
}
void pool::run_well()
{
    waitgroup_add(&group, 2);
    std::thread t(&pool::good_worker, this);
    std::thread u([this] {
        work(n);
        waitgroup_done(&group);
    });
    waitgroup_wait(&group);
    t.join();
    u.join();
}
void add_before()
{
    waitgroup_t wg = WAITGROUP_INIT;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; i++) {
        waitgroup_add(&wg, 1);
        threads.push_back(std::thread([&wg, i] {
            work(i);
            waitgroup_done(&wg);
        }));
    }
    waitgroup_wait(&wg);
    for (auto &t : threads)
        t.join();
}
void no_thread(waitgroup_t *wg)
{
    auto around = [wg] {
        waitgroup_add(wg, 1);
        work(1);
        waitgroup_done(wg);
    };
    around();
}

// ---- missing-done ----
void done_is_missing(waitgroup_t *wg)
{
    waitgroup_add(wg, 2);
    std::thread t([wg] {
        if (!ready())
            return; // want: missing-done
        work(1);
        waitgroup_done(wg);
    });
    std::thread u([wg] {
        auto twice = [](int n) { return 2 * n; };
        if (!ready()) {
            waitgroup_done(wg);
            return;
        }
        work(twice(2));
        waitgroup_done(wg);
    });
    waitgroup_wait(wg);
    t.join();
    u.join();
}

// ---- done-in-go-task and wait-in-task ----
bool with_go()
{
    bool failed = waitgroup_go(
                      &shared,
                      [](void *) {
                          work(1);
                          waitgroup_done(&shared); // want: done-in-go-task
                      },
                      nullptr) != 0;
    failed |= waitgroup_go(
                  &shared,
                  [](void *) {
                      waitgroup_wait(&shared); // want: wait-in-task
                      work(2);
                  },
                  nullptr) != 0;
    failed |= waitgroup_go(
                  &shared, [](void *arg) { waitgroup_done(static_cast<waitgroup_t *>(arg)); }, &another) != 0;
    waitgroup_wait(&shared);
    return failed;
}
void wait_in_lambda(waitgroup_t *wg)
{
    waitgroup_add(wg, 2);
    std::thread t([&] {
        waitgroup_wait(wg); // want: wait-in-task
        waitgroup_done(wg);
    });
    std::thread u([&] {
        waitgroup_done(wg);
        waitgroup_wait(wg);
    });
    t.join();
    u.join();
}

// ---- wait-locked ----
void wait_guarded()
{
    waitgroup_add(&shared, 1);
    std::thread t([] {
        std::lock_guard<std::mutex> guard(mutex);
        total++;
        waitgroup_done(&shared);
    });
    {
        std::unique_lock<std::mutex> guard(mutex);
        waitgroup_wait(&shared); // want: wait-locked
    }
    {
        std::scoped_lock guard(mutex);
        total++;
    }
    mutex.lock();
    total++;
    mutex.unlock();
    mutex.lock();
    waitgroup_wait(&shared); // want: wait-locked
    mutex.unlock();
    {
        std::unique_lock<std::mutex> guard(mutex);
        total++;
        guard.unlock();
        waitgroup_wait(&shared);
    }
    {
        std::lock_guard<std::mutex> guard(unused);
        waitgroup_wait(&shared);
    }
    t.join();
}

// ---- add-after-start ----
void add_too_late()
{
    waitgroup_t wg = WAITGROUP_INIT;
    std::thread t([&] {
        work(1);
        waitgroup_done(&wg);
    });
    waitgroup_add(&wg, 1); // want: add-after-start
    waitgroup_wait(&wg);
    t.join();
}
void add_in_time()
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    std::thread t([&] {
        work(1);
        waitgroup_done(&wg);
    });
    waitgroup_wait(&wg);
    t.join();
}
void add_to_another()
{
    std::thread t([] { work(1); });
    waitgroup_add(&another, 1);
    std::thread u([] { waitgroup_done(&another); });
    waitgroup_wait(&another);
    t.join();
    u.join();
}

// ---- stack-group ----
void leaves_the_stack()
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    std::thread([&wg] { waitgroup_done(&wg); }).detach();
}
bool leaves_the_stack_early()
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    waitgroup_add(&wg, 1);
    std::thread t([&] { waitgroup_done(&wg); });
    t.detach();
    if (!ready())
        return false;
    waitgroup_wait(&wg);
    return true;
}
void joined()
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    std::thread t([&] { waitgroup_done(&wg); });
    t.join();
}
void joined_by_destructor()
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    auto f = std::async(std::launch::async, [&] { waitgroup_done(&wg); });
}
struct waits {
    waitgroup_t *wg;
    explicit waits(waitgroup_t *group) : wg(group)
    {
    }
    ~waits()
    {
        waitgroup_wait(wg);
    }
};
void waited_by_destructor()
{
    waitgroup_t wg = WAITGROUP_INIT;
    waits at_the_end(&wg);
    waitgroup_add(&wg, 1);
    std::thread([&wg] { waitgroup_done(&wg); }).detach();
}
