/* bug 1: data race */
#include "../program.h"
#include <stdint.h>
#include <stdatomic.h>

static uint8_t byte;
static uint16_t two;
static uint64_t eight;
static _Atomic(int *) pointer;
int x;

static void *writer(void *arg)
{
    __atomic_fetch_or(&byte, 1, __ATOMIC_RELAXED);
    __atomic_fetch_xor(&two, 3, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&eight, 1, __ATOMIC_RELAXED);
    x = 42;
#if BUG
    atomic_store_explicit(&pointer, &x, memory_order_relaxed);
#else
    atomic_thread_fence(memory_order_release);
    atomic_store(&pointer, &x);
#endif
    return arg;
}

int main(void)
{
    pthread_t thread = start(writer, NULL);
    int *seen;
    while (!(seen = atomic_load(&pointer)))
        sched_yield();
    int value = *seen;
    join(thread);
    return value != 42 || byte != 1 || two != 3 || eight != UINT64_MAX;
}
