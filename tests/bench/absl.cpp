// absl::BlockingCounter: used once, cannot add, one thread may wait, once; many wait for a Notification.
#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/notification.h>
#include <new>

union group {
    absl::BlockingCounter counter;
    group()
    {
    }
    ~group()
    {
    }
};

union gate {
    absl::Notification notification;
    gate()
    {
    }
    ~gate()
    {
    }
};

#define SINGLE_USE        1
#define HAS_ADD           0
#define HAS_WAIT_AT_ZERO  0
#define group_begin(g, n) new (&(g)->counter) absl::BlockingCounter(n)
#define group_done(g)     (g)->counter.DecrementCount()
#define group_wait(g)     (g)->counter.Wait()
#define group_end(g)      (g)->counter.~BlockingCounter()
#define gate_begin(g)     new (&(g)->notification) absl::Notification
#define gate_open(g)      (g)->notification.Notify()
#define gate_wait(g)      (g)->notification.WaitForNotification()
#define gate_end(g)       (g)->notification.~Notification()

#include "workloads.h"
