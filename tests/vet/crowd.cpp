/* A main() that has more ways than can be told: what it calls is checked by itself. Methods of other files, and virtual
 * ones, may do anything with their object. Lambdas know the objects of the function that they are written in. */
#include <pthread.h>
#include <thread>
#include <waitgroup.h>

int chance(int n);

struct crawler {
    waitgroup_t group{};
    std::thread thread;

    void finish(); /* in another file */
    virtual void maybe()
    {
    }
    void crawl()
    {
        if (chance(1)) {
            finish();
            return;
        }
        if (chance(2)) {
            maybe();
            return;
        }
        if (chance(3))
            return; // want: missing-done
        waitgroup_done(&group);
    }
    void start()
    {
        waitgroup_add(&group, 1);
        thread = std::thread(&crawler::crawl, this);
    }
};

struct flusher {
    waitgroup_t group{};

    void start()
    {
        waitgroup_add(&group, 1);
        std::thread([this] {
            auto leave = [this] { waitgroup_done(&group); };
            if (chance(1))
                return; // want: missing-done
            leave();
        }).detach();
    }
};

struct logger {
    waitgroup_t group{};
    std::thread thread;

    void start()
    {
        thread = std::thread([this] { waitgroup_done(&group); });
        waitgroup_add(&group, 1); // want: add-after-start
    }
};
void log_here()
{
    logger one;
    one.start();
    waitgroup_wait(&one.group);
}

/* the caller has too many ways, and counted the task before */
static waitgroup_t counted;
static void *counts(void *arg)
{
    waitgroup_add(&counted, 1);
    waitgroup_done(&counted);
    waitgroup_done(&counted);
    return arg;
}
static void start_counted()
{
    pthread_t t;
    if (pthread_create(&t, nullptr, counts, nullptr) != 0)
        waitgroup_done(&counted);
    waitgroup_wait(&counted);
}
static waitgroup_t late;
static void *done_late(void *arg)
{
    waitgroup_done(&late);
    return arg;
}
static void start_late()
{
    pthread_t t;
    if (pthread_create(&t, nullptr, done_late, nullptr) == 0)
        waitgroup_add(&late, 1);
    waitgroup_wait(&late);
}

static waitgroup_t forgotten;
static void *forgets(void *arg)
{
    if (chance(1))
        return nullptr; // want: missing-done
    waitgroup_done(&forgotten);
    return arg;
}
static void start_forgetful()
{
    pthread_t t;
    waitgroup_add(&forgotten, 1);
    if (pthread_create(&t, nullptr, forgets, nullptr) != 0)
        waitgroup_done(&forgotten);
}

static int many(int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        if (chance(n))
            waitgroup_wait(&counted);
        if (chance(n + 1))
            waitgroup_wait(&late);
        switch (chance(i)) {
        case 0:
            waitgroup_add(&counted, 1);
            break;
        case 1:
            waitgroup_add(&late, 1);
            break;
        case 2:
            waitgroup_done(&late);
            break;
        case 3:
            waitgroup_done(&counted);
            break;
        case 4:
            start_counted();
            break;
        case 5:
            start_late();
            break;
        case 6:
            start_forgetful();
            break;
        }
        sum += i;
    }
    return sum;
}

int main(int argc, char **)
{
    crawler c;
    flusher f;
    c.start();
    f.start();
    for (int i = 0; i < argc; i++)
        switch (many(argc) + chance(3)) {
        case 0:
            waitgroup_wait(&c.group);
            break;
        case 1:
            waitgroup_wait(&f.group);
            break;
        case 2:
            c.start();
            break;
        case 3:
            f.start();
            break;
        }
    c.thread.join();
    return many(3);
}
