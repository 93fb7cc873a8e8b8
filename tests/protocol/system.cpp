/* The system below the library, as far as it uses it: each call does at once what the real one is
 * specified to do, and another thread may go on before.
 *
 *   futex      compares the newest value and sleeps in one step; orders nothing; a wake needs the address
 *              alone. A sleep ends by a wake, by its deadline at any time, and where spurious wakes are
 *              asked for, by a signal.
 *   threads    what was done before pthread_create() happens before the thread. It can refuse.
 *   mutexes    an unlock happens before the next lock; whoever is woken competes with all others.
 *   time       each look at the clock is a second after the one before. */
#include "engine.h"

#include <cerrno>
#include <cstdarg>
#include <csetjmp>
#include <ctime>
#include <pthread.h>
#include <sys/syscall.h>

namespace protocol
{
namespace
{

struct task {
    void *(*routine)(void *);
    void *argument;
};

/* Of one thread each, by Relacy's index. */
jmp_buf roots[THREADS];
const void *sleeps_for[THREADS];
bool deadline_ended_sleep[THREADS];
int errors[THREADS + 1]; /* errno; the last is that of the constructors */
int numbers[THREADS];

task tasks[THREADS]; /* by number */
int threads_created;
void (*refused_task)(void);
bool spurious_wakes;
time_t now;

struct mutex {
    const void *address;
    bool locked;
    rl::sync_var<THREADS> order;
};
mutex mutexes[8];
size_t mutexes_used;

void tell(const char *what, const void *address)
{
    story_add({what, reinterpret_cast<uintptr_t>(address), 0, PLAIN, 0, 0, 0, "", 0});
}

rl::unpark_reason sleep_for(const void *what, bool has_deadline, bool spurious)
{
    const int me = self().index_;
    sleeps_for[me] = what;
    const rl::unpark_reason reason =
        rl::ctx().park_current_thread(has_deadline, spurious && spurious_wakes, false, rl::debug_info());
    sleeps_for[me] = nullptr;
    if (is_ending())
        leave_thread();
    deadline_ended_sleep[me] = reason == rl::unpark_reason_timeout;
    return reason;
}

/* Wakes so many of those that sleep for it, whichever. */
void wake(const void *what, int number)
{
    int sleepers[THREADS], count = 0;
    for (int i = 0; i != THREADS; ++i)
        if (sleeps_for[i] == what)
            sleepers[count++] = i;
    for (; number > 0 && count > 0; --number) {
        const int pick =
            number >= count
                ? 0
                : static_cast<int>(rl::ctx().rand(static_cast<unsigned>(count), rl::sched_type_user));
        sleeps_for[sleepers[pick]] = nullptr;
        rl::ctx().unpark_thread(sleepers[pick], false, rl::debug_info());
        sleepers[pick] = sleepers[--count];
    }
}

mutex &mutex_at(const void *address)
{
    for (size_t i = 0; i != mutexes_used; ++i)
        if (mutexes[i].address == address)
            return mutexes[i];
    if (mutexes_used == sizeof mutexes / sizeof *mutexes)
        fail("the model has no room for so many mutexes");
    mutex &m = mutexes[mutexes_used++];
    m.address = address;
    m.locked = false;
    m.order.iteration_begin();
    return m;
}

void lock(mutex &m)
{
    while (m.locked)
        sleep_for(m.address, false, false);
    m.locked = true;
    m.order.acquire(&self());
}

void unlock(mutex &m)
{
    if (!m.locked)
        fail("unlock of a mutex that is not locked");
    m.order.release(&self());
    m.locked = false;
    wake(m.address, 1);
}

int sleep_on_condition(pthread_cond_t *condition, pthread_mutex_t *locked, bool has_deadline)
{
    mutex &m = mutex_at(locked);
    unlock(m);
    tell("sleep", condition);
    reached("sleep");
    const rl::unpark_reason reason = sleep_for(condition, has_deadline, true);
    tell(reason == rl::unpark_reason_timeout ? "deadline" : "woken", condition);
    lock(m);
    return reason == rl::unpark_reason_timeout ? ETIMEDOUT : 0;
}

void *thread_body(void *argument)
{
    task *const mine = static_cast<task *>(argument);
    const int me = self().index_;
    numbers[me] = static_cast<int>(mine - tasks);
    if (!is_ending() && _setjmp(roots[me]) == 0)
        mine->routine(mine->argument);
    return nullptr;
}

void *call(void *argument)
{
    reinterpret_cast<void (*)()>(argument)();
    return nullptr;
}

} // namespace

void system_begin(bool with_spurious_wakes)
{
    for (int i = 0; i != THREADS; ++i) {
        sleeps_for[i] = nullptr;
        deadline_ended_sleep[i] = false;
        errors[i] = 0;
        numbers[i] = 0;
    }
    threads_created = 0;
    refused_task = nullptr;
    spurious_wakes = with_spurious_wakes;
    now = 0;
    mutexes_used = 0;
}

void step()
{
    rl::ctx().sched();
    if (is_ending())
        leave_thread();
}

void wake_all_threads()
{
    for (int i = 0; i != THREADS; ++i)
        if (sleeps_for[i] != nullptr)
            rl::ctx().unpark_thread(i, false, rl::debug_info());
}

void run_first_thread(void (*body)())
{
    tasks[0] = {call, reinterpret_cast<void *>(body)};
    thread_body(&tasks[0]);
}

void leave_thread()
{
    _longjmp(roots[self().index_], 1);
}

void create_thread(void *(*routine)(void *), void *argument)
{
    if (++threads_created == THREADS)
        fail("the model has no more threads: raise THREADS");
    tasks[threads_created] = {routine, argument};
    tell("create thread", nullptr);
    rl::ctx().create_thread(thread_body, &tasks[threads_created]);
}

int number_of(int index)
{
    return numbers[index];
}

} // namespace protocol

using namespace protocol;

/* What the library and the scenarios call (names.h, scenario.h). */
extern "C" {

void start(void (*body)(void))
{
    step();
    create_thread(call, reinterpret_cast<void *>(body));
}

void refuse_threads(void (*body)(void))
{
    refused_task = body;
}

int deadline_has_passed(void)
{
    return deadline_ended_sleep[self().index_];
}

int *protocol_errno_location(void)
{
    return &errors[searching() ? self().index_ : THREADS];
}

long protocol_syscall(long number, ...)
{
    va_list arguments;
    va_start(arguments, number);
    uint32_t *const word = va_arg(arguments, uint32_t *);
    const int operation = va_arg(arguments, int) & 127 & ~128;
    const uint32_t value = va_arg(arguments, uint32_t);
    const timespec *const deadline = va_arg(arguments, const timespec *);
    va_end(arguments);
    if (number != SYS_futex)
        fail("system call %ld, which the model does not know", number);
    step();
    switch (operation) {
    case 1: /* FUTEX_WAKE */
        tell("wake", word);
        wake(word, static_cast<int>(value));
        return 0;
    case 9: { /* FUTEX_WAIT_BITSET */
        if (atomic_newest({reinterpret_cast<uintptr_t>(word), sizeof *word, PLAIN, 0}) != value) {
            *protocol_errno_location() = EAGAIN;
            return -1;
        }
        tell("sleep", word);
        reached("sleep");
        const rl::unpark_reason reason = sleep_for(word, deadline != nullptr, true);
        tell(reason == rl::unpark_reason_timeout ? "deadline" : "woken", word);
        if (reason == rl::unpark_reason_normal)
            return 0;
        *protocol_errno_location() = reason == rl::unpark_reason_timeout ? ETIMEDOUT : EINTR;
        return -1;
    }
    default:
        fail("futex operation %d, which the model does not know", operation);
    }
}

int protocol_create(pthread_t *, const pthread_attr_t *, void *(*routine)(void *), void *argument)
{
    step();
    if (refused_task != nullptr) {
        reached("refused");
        create_thread(call, reinterpret_cast<void *>(refused_task));
        return EAGAIN;
    }
    create_thread(routine, argument);
    return 0;
}

int protocol_once(pthread_once_t *once, void (*routine)(void))
{
    if (!searching()) {
        *once = 1; /* no more than a mark: every later call finds the work done by a constructor */
        routine();
    } else if (*once != 1)
        fail("pthread_once() has its work still to do");
    return 0;
}

int protocol_mutex_lock(pthread_mutex_t *address)
{
    step();
    lock(mutex_at(address));
    return 0;
}

int protocol_mutex_unlock(pthread_mutex_t *address)
{
    step();
    unlock(mutex_at(address));
    return 0;
}

int protocol_cond_wait(pthread_cond_t *condition, pthread_mutex_t *locked)
{
    return sleep_on_condition(condition, locked, false);
}

int protocol_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *locked, const timespec *)
{
    return sleep_on_condition(condition, locked, true);
}

int protocol_cond_broadcast(pthread_cond_t *condition)
{
    step();
    wake(condition, THREADS);
    return 0;
}

int protocol_setcancelstate(int, int *)
{
    return 0;
}

int protocol_yield(void)
{
    step();
    return 0;
}

int protocol_clock_gettime(clockid_t, timespec *time)
{
    *time = {++now, 0};
    return 0;
}

} // extern "C"
