// The checks in C++: tasks of classes, references, readers and writers, destructors.
#include <mutex>
#include <pthread.h>
#include <shared_mutex>
#include <thread>
#include <waitgroup.h>

bool ready();
void work(int n);

// ---- classes whose tasks are handed `this`, references ----
class crew
{
public:
    void start();
    int go();

private:
    static void by_pointer(void *self);
    static void by_reference(void *self);
    waitgroup_t group;
};
void crew::by_pointer(void *self)
{
    auto *c = static_cast<crew *>(self);
    waitgroup_done(&c->group); // want: done-in-go-task
}
void crew::by_reference(void *self)
{
    crew &c = *static_cast<crew *>(self);
    waitgroup_done(&c.group); // want: done-in-go-task
}
int crew::go()
{
    int failed = waitgroup_go(&group, by_pointer, this);
    return failed | waitgroup_go(&group, by_reference, this);
}
static void group_by_reference(void *arg)
{
    waitgroup_t &wg = *static_cast<waitgroup_t *>(arg);
    waitgroup_done(&wg); // want: done-in-go-task
}
int go_by_reference(waitgroup_t &wg)
{
    return waitgroup_go(&wg, group_by_reference, &wg);
}

// ---- readers and writers, a destructor that waits ----
static std::shared_mutex table;
static waitgroup_t readers;
static void reads(void *)
{
    std::shared_lock<std::shared_mutex> lock(table);
    work(1);
}
int writes_while_they_read()
{
    int failed = waitgroup_go(&readers, reads, nullptr);
    std::unique_lock<std::shared_mutex> lock(table);
    waitgroup_wait(&readers); // want: wait-locked
    return failed;
}
int reads_while_they_read()
{
    int failed = waitgroup_go(&readers, reads, nullptr);
    std::shared_lock<std::shared_mutex> lock(table);
    waitgroup_wait(&readers);
    return failed;
}
int reads_by_hand_while_they_read()
{
    int failed = waitgroup_go(&readers, reads, nullptr);
    table.lock_shared();
    waitgroup_wait(&readers);
    table.unlock_shared();
    return failed;
}
static std::shared_mutex index_lock;
static waitgroup_t writers;
static void writes(void *)
{
    std::scoped_lock lock(index_lock);
    work(1);
}
int reads_while_they_write()
{
    int failed = waitgroup_go(&writers, writes, nullptr);
    index_lock.lock_shared();
    waitgroup_wait(&writers); // want: wait-locked
    index_lock.unlock_shared();
    waitgroup_wait(&writers);
    return failed;
}
struct batch {
    waitgroup_t group = WAITGROUP_INIT;
    ~batch()
    {
        waitgroup_wait(&group);
    }
};
struct waiter {
    waitgroup_t *group;
    ~waiter()
    {
        waitgroup_wait(group);
    }
};
struct noter {
    waitgroup_t *group;
    ~noter()
    {
        work(1);
    }
};
static void *leaves(void *arg)
{
    waitgroup_done(static_cast<waitgroup_t *>(arg));
    return nullptr;
}
int waited_by_its_own_destructor()
{
    batch b;
    pthread_t t;
    waitgroup_add(&b.group, 1);
    pthread_create(&t, nullptr, leaves, &b.group);
    return ready() ? 1 : 0;
}
int waited_by_a_guard()
{
    waitgroup_t wg = WAITGROUP_INIT;
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, nullptr, leaves, &wg);
    waiter w{&wg};
    if (ready())
        return 1;
    return 0;
}
int noted_by_a_guard()
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, nullptr, leaves, &wg);
    noter n{&wg};
    if (ready())
        return 1;
    waitgroup_wait(&wg);
    return 0;
}
int guarded_too_late()
{
    waitgroup_t wg = WAITGROUP_INIT; // want: stack-group
    pthread_t t;
    waitgroup_add(&wg, 1);
    pthread_create(&t, nullptr, leaves, &wg);
    if (ready())
        return 1;
    waiter w{&wg};
    return 0;
}
void joined_before_the_wait()
{
    waitgroup_t wg = WAITGROUP_INIT;
    std::thread t([&wg] {
        waitgroup_add(&wg, 1);
        work(1);
        waitgroup_done(&wg);
    });
    t.join();
    waitgroup_wait(&wg);
}

// ---- a jthread joins at its end ----
static waitgroup_t counted_late;
void added_after_a_jthread()
{
    std::jthread t([] { waitgroup_done(&counted_late); });
    waitgroup_add(&counted_late, 1); // want: add-after-start
    waitgroup_wait(&counted_late);
}
void joined_at_the_end()
{
    waitgroup_t wg = WAITGROUP_INIT;
    waitgroup_add(&wg, 1);
    std::jthread t([&wg] { waitgroup_done(&wg); });
    if (ready())
        return;
    waitgroup_wait(&wg);
}
