/* The kinds of reports that C++ programs can have, classes, overloads and lambdas included (kinds.h). */
#include "kinds_table.h"

#include <thread>
#include <vector>

long left_alone, right_alone;

namespace
{

struct Pool {
    int total = 0;
    APART void record(int worker, unsigned long amount)
    {
        total += worker + static_cast<int>(amount);
    }
    APART void record(long amount)
    {
        total += static_cast<int>(amount);
    }
    APART int read(bool now, char tag) const
    {
        return now ? total : tag;
    }
};

Pool pool, other_pool;

void *record_two(void *unused)
{
    pool.record(1, 2ul);
    return unused;
}

void *record_one(void *unused)
{
    other_pool.record(3L);
    return unused;
}

void *read_pool(void *other)
{
    sink = reinterpret_cast<void *>((other ? other_pool : pool).read(true, 'x') ? 1L : 2L);
    return other;
}

template <class T>
struct Box {
    T value;
    APART void add(T more)
    {
        value += more;
    }
};

Box<int> box_of_int;
Box<long> box_of_long;

void *fill_int(void *unused)
{
    box_of_int.add(1);
    return unused;
}

void *fill_long(void *unused)
{
    box_of_long.add(1);
    return unused;
}

std::vector<int> numbers(4);

APART void *set_first(void *unused)
{
    numbers[0] = 1;
    return unused;
}

APART void *set_second(void *unused)
{
    numbers[1] = 1;
    return unused;
}

struct Base {
    virtual void act()
    {
    }
    APART virtual ~Base()
    {
        sink = this;
        static_cast<Base *>(sink)->act();
    }
};
struct Derived : Base {
    int work = 0;
    void act() override
    {
        work++;
    }
    ~Derived() override
    {
    }
};
struct Other : Base {
    int play = 0;
    void act() override
    {
        play++;
    }
    ~Other() override
    {
    }
};

APART void *call_act(void *object)
{
    static_cast<Base *>(object)->act();
    return nullptr;
}

APART void *destroy_derived(void *object)
{
    static_cast<Derived *>(object)->~Derived();
    return nullptr;
}

APART void *destroy_other(void *object)
{
    static_cast<Other *>(object)->~Other();
    return nullptr;
}

APART void two_lambdas(bool both)
{
    auto first = [](void *unused) -> void * {
        left_alone++;
        return unused;
    };
    auto second = [](void *unused) -> void * {
        right_alone--;
        return unused;
    };
    race(first, first, nullptr);
    if (both)
        race(second, second, nullptr);
}

/* One array, whose elements are far from each other for ThreadSanitizer; what first calls them comes last. */
long slots[64];

template <class Number>
APART void two_lambdas_of_one_array(Number step, bool both)
{
    auto first = [](auto *element, Number by) { *element += by; };
    auto second = [](auto *element, Number by) { *element -= by; };
    auto call_second = [=](void *unused) -> void * {
        second(&slots[32], step);
        return unused;
    };
    auto call_first = [=](void *unused) -> void * {
        first(&slots[0], step);
        return unused;
    };
    static auto *calls_second = &call_second;
    static auto *calls_first = &call_first;
    auto do_second = [](void *unused) -> void * { return (*calls_second)(unused); };
    auto do_first = [](void *unused) -> void * { return (*calls_first)(unused); };
    if (both)
        race(do_second, do_second, nullptr);
    race(do_first, do_first, nullptr);
}

APART void lambdas_of_one_array(bool both)
{
    auto first = [](void *unused) -> void * {
        slots[16]++;
        return unused;
    };
    auto second = [](void *unused) -> void * {
        slots[48]++;
        return unused;
    };
    if (both)
        race(second, second, nullptr);
    race(first, first, nullptr);
}

#define KIND(text) else if (strcmp(name, text) == 0)

bool kind_of_cpp(const char *name, bool both)
{
    if (strcmp(name, "methods") == 0) {
        race(record_two, read_pool, nullptr);
        if (both)
            race(record_one, read_pool, &other_pool);
    }
    KIND("templates")
    {
        race(fill_int, fill_int, nullptr);
        if (both)
            race(fill_long, fill_long, nullptr);
    }
    KIND("vector")
    {
        race(set_first, set_first, nullptr);
        if (both)
            race(set_second, set_second, nullptr);
    }
    KIND("lambdas") two_lambdas(both);
    KIND("lambdas-on-one-object") lambdas_of_one_array(both);
    KIND("lambdas-of-a-template") two_lambdas_of_one_array(1L, both);
    KIND("vptr")
    {
        static Derived derived;
        static Other other;
        race(call_act, destroy_derived, &derived);
        if (both)
            race(call_act, destroy_other, &other);
    }
    else return false;
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2 || (!kind(argv[1], argc == 2) && !kind_of_cpp(argv[1], argc == 2)))
        return 5;
    return 0;
}
