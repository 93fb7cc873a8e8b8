/* Its functions, found at the start: a program may have been built without some of them. */
#define _GNU_SOURCE
#include "tsan.h"

#include <dlfcn.h>
#include <stddef.h>

typedef void call_with_one(uintptr_t);
typedef void call_with_two(uintptr_t, uintptr_t);

static call_with_one *acquire, *release;
static call_with_two *read_at, *write_range;
static int (*sleep_briefly)(unsigned);
static call_with_one *func_entry;
static void (*func_exit)(void);

__attribute__((__constructor__(101))) static void find(void)
{
    acquire = (call_with_one *)(uintptr_t)dlsym(RTLD_NEXT, "__tsan_acquire");
    release = (call_with_one *)(uintptr_t)dlsym(RTLD_NEXT, "__tsan_release");
    read_at = (call_with_two *)(uintptr_t)dlsym(RTLD_NEXT, "__tsan_read1_pc");
    write_range = (call_with_two *)(uintptr_t)dlsym(RTLD_NEXT, "__tsan_write_range");
    func_entry = (call_with_one *)(uintptr_t)dlsym(RTLD_NEXT, "__tsan_func_entry");
    func_exit = (void (*)(void))(uintptr_t)dlsym(RTLD_NEXT, "__tsan_func_exit");
    sleep_briefly = (int (*)(unsigned))(uintptr_t)dlsym(RTLD_NEXT, "usleep");
}

void tsan_acquire(uintptr_t object)
{
    if (acquire)
        acquire(object);
}

void tsan_release(uintptr_t object)
{
    if (release)
        release(object);
}

void tsan_read(uintptr_t object, uintptr_t pc)
{
    if (read_at)
        read_at(object, pc);
}

void tsan_write(uintptr_t object, size_t size)
{
    if (write_range)
        write_range(object, size);
}

/* TSan remembers a few accesses to each 8 bytes; which of them makes way for another depends on how much its
 * thread has done, modulo their number. So a thread that begins with a few reads of its own forgets others in
 * the same run. The first of several reads may count twice, so there is always one. */
void tsan_shift(uint32_t phase)
{
    static const char bytes[PHASES];
    for (uint32_t i = 0; i <= phase % PHASES; i++)
        tsan_read((uintptr_t)&bytes[i], (uintptr_t)tsan_shift);
}

void tsan_run_signal_handlers(void)
{
    if (sleep_briefly)
        sleep_briefly(0);
}

void tsan_push(uintptr_t pc)
{
    if (func_entry)
        func_entry(pc);
}

void tsan_pop(void)
{
    if (func_exit)
        func_exit();
}
