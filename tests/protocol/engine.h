/* The model's parts and what they share.
 *
 *   entry.cpp    the calls that the compiler emits for each access of an instrumented file
 *   memory.cpp   what an access does under C11, on Relacy's atomics; data races and lifetime
 *   system.cpp   the kernel's futex, threads, mutexes, condition variables, time
 *   story.cpp    the execution so far, and how it is told
 *   search.cpp   which executions, and what is demanded of them */
#ifndef ENGINE_H
#define ENGINE_H

/* Not relacy.hpp, which ends in macros called malloc, new, errno and ETIMEDOUT. */
#include <relacy/base.hpp>
#include <relacy/context.hpp>
#include <relacy/context_base_impl.hpp>
#include <relacy/atomic.hpp>
#include <relacy/var.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/stdlib/event.hpp>

#include "scenario.h"

#include <cstdint>

namespace protocol
{

constexpr int THREADS = 4;
using thread_info = rl::thread_info<THREADS>;

inline thread_info &self()
{
    return static_cast<thread_info &>(*rl::ctx().threadx_);
}

/* search.cpp */
bool searching(); /* an execution is under way; before, the library's constructors run unobserved */
[[noreturn]] void fail(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
[[noreturn]] void end_execution(); /* of all threads, and it is none that failed */
bool is_ending();
[[noreturn]] void leave_thread();

/* system.cpp */
void system_begin(bool spurious_wakes);
void step();             /* another thread may go on first */
void wake_all_threads(); /* whatever they sleep for */
void create_thread(void *(*routine)(void *), void *argument);
void run_first_thread(void (*body)()); /* in the calling one, until it returns or leaves */
int number_of(int index);              /* Relacy's index of a thread: its number in order of creation */

/* memory.cpp */
struct memory_access {
    uintptr_t address;
    unsigned size;
    int order;        /* PLAIN: no atomic */
    uintptr_t caller; /* in the code */
};
constexpr int PLAIN = -1;
enum change { ADD, SUBTRACT, AND, OR, EXCHANGE };
void memory_begin();
uint64_t atomic_load(const memory_access &);
void atomic_store(const memory_access &, uint64_t value);
uint64_t atomic_change(const memory_access &, change, uint64_t operand);
bool atomic_compare_exchange(const memory_access &, int failure_order, uint64_t *expected, uint64_t desired);
uint64_t atomic_newest(const memory_access &); /* what the kernel sees */
void plain_read(const memory_access &);
void plain_write(const memory_access &);
void free_memory(const memory_access &);

/* story.cpp */
struct event {
    const char *what;
    uintptr_t address; /* 0: of no memory */
    unsigned size;
    int order; /* or PLAIN */
    uintptr_t caller;
    uint64_t before, after;
    const char *remark;
    int thread;
};
void story_begin();
void story_add(event);
void story_tell();

} // namespace protocol

#endif
