// std::latch: used once, and cannot add.
#include <latch>
#include <new>

union group {
    std::latch latch;
    group() : latch(0)
    {
    }
    ~group()
    {
    }
};

#define SINGLE_USE        1
#define HAS_ADD           0
#define group_begin(g, n) new (&(g)->latch) std::latch(n)
#define group_done(g)     (g)->latch.count_down()
#define group_wait(g)     (g)->latch.wait()
#define group_end(g)      (g)->latch.~latch()

#include "workloads.h"
