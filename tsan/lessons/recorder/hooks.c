/* Where the program's acts arrive: the entry points that a compiler with -fsanitize=thread and the
 * library call, and functions of libc and of the library, wrapped.
 *
 * The program (lesson and library, linked into one object with ld --wrap) calls __wrap_f where its
 * source says f; this file calls f. So the recorder's own calls are not recorded.
 *
 * What makes an edge here is what makes one in ThreadSanitizer, to the detail: a release store
 * replaces what the atomic held, a read-modify-write and __tsan_release merge, a relaxed access and
 * a fence order nothing, malloc and free count as writes of the whole block. */
#define _GNU_SOURCE
#include "recorder.h"
#include "waitgroup.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PC   __builtin_return_address(0)
#define SELF (&threads[running])

void *new_zeroed(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory)
        run_stop("out of memory");
    return memory;
}

/* ------------------------- accesses, as the compiler announces them ------------------------- */

static void program_access(const void *address, size_t size, int how, void *pc)
{
    /* The library reads the anchor without a tag where the runtime has none. */
    if (SELF->in_library) {
        memory_access_here(address, size, how);
        return;
    }
    /* So many without an act: perhaps it waits for a variable to change, which others must do. */
    if (++SELF->accesses % (1 << 18) == 0)
        schedule_look(&SELF->sleep, SELF, SLEEP);
    memory_access((void *)(uintptr_t)address, size, how, how & WRITE ? "write" : "read", pc);
}

#define ACCESS(size)                                      \
    void __tsan_read##size(void *address)                 \
    {                                                     \
        program_access(address, size, READ, PC);          \
    }                                                     \
    void __tsan_write##size(void *address)                \
    {                                                     \
        program_access(address, size, WRITE, PC);         \
    }                                                     \
    void __tsan_unaligned_read##size(void *address)       \
    {                                                     \
        program_access(address, size, READ, PC);          \
    }                                                     \
    void __tsan_unaligned_write##size(void *address)      \
    {                                                     \
        program_access(address, size, WRITE, PC);         \
    }                                                     \
    void __tsan_read##size##_pc(void *address, void *pc)  \
    {                                                     \
        program_access(address, size, READ, pc);          \
    }                                                     \
    void __tsan_write##size##_pc(void *address, void *pc) \
    {                                                     \
        program_access(address, size, WRITE, pc);         \
    }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __tsan_read_range(void *address, size_t size)
{
    program_access(address, size, READ, PC);
}

void __tsan_write_range(void *address, size_t size)
{
    program_access(address, size, WRITE, PC);
}

#define COPY(name, function)                            \
    void *name(void *to, const void *from, size_t size) \
    {                                                   \
        program_access(to, size, WRITE, PC);            \
        program_access(from, size, READ, PC);           \
        return function(to, from, size);                \
    }
COPY(__tsan_memcpy, memcpy)
COPY(__tsan_memmove, memmove)
COPY(__wrap_memcpy, memcpy)
COPY(__wrap_memmove, memmove)

#define FILL(name)                              \
    void *name(void *to, int byte, size_t size) \
    {                                           \
        program_access(to, size, WRITE, PC);    \
        return memset(to, byte, size);          \
    }
FILL(__tsan_memset)
FILL(__wrap_memset)

size_t __wrap_strlen(const char *text)
{
    size_t length = strlen(text);
    program_access(text, length + 1, READ, PC);
    return length;
}

char *__wrap_strcpy(char *to, const char *from)
{
    size_t size = strlen(from) + 1;
    program_access(to, size, WRITE, PC);
    program_access(from, size, READ, PC);
    return memcpy(to, from, size);
}

void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void)
{
}

/* ----------------------------------------- atomics ----------------------------------------- */

/* Compilers put hints for the machine into the bits above. */
static bool acquires(int order)
{
    order &= 7;
    return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME || order == __ATOMIC_ACQ_REL ||
           order == __ATOMIC_SEQ_CST;
}

static bool releases(int order)
{
    order &= 7;
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

/* A choice, then the access, which tells what it touches. The library's one atomic is its announcement
 * of a wait: no choice. */
static void atomic_begin(const volatile void *atomic, size_t size, int how, const char *kind, bool look,
                         void *pc)
{
    if (!SELF->in_library) {
        if (look)
            schedule_look(&SELF->look, SELF, (uintptr_t)pc * 31 + (uintptr_t)atomic);
        else
            schedule(SELF, NULL, NULL);
        event_begin(kind, pc, 0);
    }
    memory_access_here((const void *)atomic, size, how | ATOMIC);
}

static void atomic_update(const volatile void *atomic, int order)
{
    if (acquires(order))
        sync_acquire((const void *)atomic);
    if (releases(order))
        sync_release((const void *)atomic);
}

static bool atomic_compared(const volatile void *atomic, bool equal, int order, int failure_order)
{
    if (equal) {
        changed();
        atomic_update(atomic, order);
    } else if (acquires(failure_order)) {
        sync_acquire((const void *)atomic);
    }
    return equal;
}

#define UPDATE(bits, type, name, expression)                                        \
    type __tsan_atomic##bits##_##name(volatile type *atomic, type value, int order) \
    {                                                                               \
        atomic_begin(atomic, sizeof(type), WRITE, "atomic update", false, PC);      \
        type old = *atomic;                                                         \
        *atomic = (type)(expression);                                               \
        atomic_update(atomic, order);                                               \
        return old;                                                                 \
    }

#define COMPARE(bits, type, name)                                                                        \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile type *atomic, type *expected, type value, \
                                                      int order, int failure_order)                      \
    {                                                                                                    \
        atomic_begin(atomic, sizeof(type), WRITE, "atomic update", true, PC);                            \
        type old = *atomic;                                                                              \
        if (old == *expected)                                                                            \
            *atomic = value;                                                                             \
        bool equal = atomic_compared(atomic, old == *expected, order, failure_order);                    \
        *expected = old;                                                                                 \
        return equal;                                                                                    \
    }

#define ATOMIC_OPERATIONS(bits, type)                                                                 \
    type __tsan_atomic##bits##_load(const volatile type *atomic, int order)                           \
    {                                                                                                 \
        atomic_begin(atomic, sizeof(type), READ, "atomic load", true, PC);                            \
        if (acquires(order))                                                                          \
            sync_acquire((const void *)atomic);                                                       \
        return *atomic;                                                                               \
    }                                                                                                 \
    void __tsan_atomic##bits##_store(volatile type *atomic, type value, int order)                    \
    {                                                                                                 \
        atomic_begin(atomic, sizeof(type), WRITE, "atomic store", false, PC);                         \
        *atomic = value;                                                                              \
        if (releases(order))                                                                          \
            sync_release_store((const void *)atomic);                                                 \
    }                                                                                                 \
    UPDATE(bits, type, exchange, value)                                                               \
    UPDATE(bits, type, fetch_add, old + value)                                                        \
    UPDATE(bits, type, fetch_sub, old - value)                                                        \
    UPDATE(bits, type, fetch_and, old &value)                                                         \
    UPDATE(bits, type, fetch_or, old | value)                                                         \
    UPDATE(bits, type, fetch_xor, old ^ value)                                                        \
    UPDATE(bits, type, fetch_nand, ~(old & value))                                                    \
    COMPARE(bits, type, strong)                                                                       \
    COMPARE(bits, type, weak)                                                                         \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *atomic, type expected, type value, \
                                                    int order, int failure_order)                     \
    {                                                                                                 \
        atomic_begin(atomic, sizeof(type), WRITE, "atomic update", true, PC);                         \
        type old = *atomic;                                                                           \
        if (old == expected)                                                                          \
            *atomic = value;                                                                          \
        atomic_compared(atomic, old == expected, order, failure_order);                               \
        return old;                                                                                   \
    }
ATOMIC_OPERATIONS(8, uint8_t)
ATOMIC_OPERATIONS(16, uint16_t)
ATOMIC_OPERATIONS(32, uint32_t)
ATOMIC_OPERATIONS(64, uint64_t)
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 uint128;
ATOMIC_OPERATIONS(128, uint128)
#endif

void __tsan_atomic_thread_fence(int order)
{
    (void)order;
}

void __tsan_atomic_signal_fence(int order)
{
    (void)order;
}

/* ------------------------------- what annotations are made of ------------------------------- */

/* The wait that the thread is in: its return is an event of its own. */
static struct {
    const char *returns; /* kind of that event; NULL: in no wait, or it has come */
    void *pc;
} waiting[MAX_THREADS];

void __tsan_acquire(void *object)
{
    if (!SELF->in_library) {
        schedule(object, NULL, NULL);
        event_begin("acquire", PC, 0);
    } else if (waiting[running].returns) {
        event_begin(waiting[running].returns, waiting[running].pc, 0);
        waiting[running].returns = NULL;
    }
    sync_acquire(object);
}

void __tsan_release(void *object)
{
    if (!SELF->in_library) {
        schedule(object, NULL, NULL);
        event_begin("release", PC, 0);
    }
    sync_release(object);
}

void *__tsan_external_register_tag(const char *object)
{
    return (void *)(uintptr_t)object;
}

void __tsan_external_register_header(void *tag, const char *header)
{
    (void)tag;
    (void)header;
}

void __tsan_external_read(void *address, void *caller, void *tag)
{
    (void)caller;
    (void)tag;
    memory_access_here(address, 1, READ | TAGGED);
}

void AnnotateIgnoreSyncBegin(const char *file, int line)
{
    (void)file;
    (void)line;
}

void AnnotateIgnoreSyncEnd(const char *file, int line)
{
    (void)file;
    (void)line;
}

void __tsan_check_no_mutexes_held(void)
{
}

void __sanitizer_print_stack_trace(void)
{
}

/* ---------------------------------------- the library ---------------------------------------- */

static const void *task_of_go; /* what the thread that waitgroup_go() starts will run, for its name */
static const char *panic_text;
static waitgroup_panic_handler user_handler;

/* Calls inside calls (waitgroup_go() adds) belong to the outer one. */
#define LIBRARY_CALL(kind, number, call) \
    do {                                 \
        if (SELF->in_library) {          \
            call;                        \
            break;                       \
        }                                \
        schedule(wg, NULL, NULL);        \
        event_begin(kind, PC, number);   \
        SELF->in_library = true;         \
        call;                            \
        SELF->in_library = false;        \
    } while (0)

void __wrap_waitgroup_add(waitgroup_t *wg, int delta)
{
    LIBRARY_CALL("add", delta, waitgroup_add(wg, delta));
}

void __wrap_waitgroup_done(waitgroup_t *wg)
{
    LIBRARY_CALL("done", -1, waitgroup_done(wg));
}

static void wait_begin(void *pc)
{
    waiting[running].returns = "returns";
    waiting[running].pc = pc;
}

static void wait_end(void)
{
    if (waiting[running].returns)
        event_begin("gives up", waiting[running].pc, 0);
    waiting[running].returns = NULL;
}

void __wrap_waitgroup_wait(waitgroup_t *wg)
{
    wait_begin(PC);
    LIBRARY_CALL("wait", 0, waitgroup_wait(wg));
    wait_end();
}

int __wrap_waitgroup_clockwait(waitgroup_t *wg, clockid_t clock, const struct timespec *abstime)
{
    int result;
    wait_begin(PC);
    LIBRARY_CALL("wait", 0, result = waitgroup_clockwait(wg, clock, abstime));
    wait_end();
    return result;
}

int __wrap_waitgroup_go(waitgroup_t *wg, void (*task)(void *), void *argument)
{
    int result;
    task_of_go = (const void *)(uintptr_t)task;
    LIBRARY_CALL("go", 0, result = waitgroup_go(wg, task, argument));
    task_of_go = NULL;
    return result;
}

static void on_panic(waitgroup_t *wg, const char *message)
{
    panic_text = message;
    touch(&user_handler, 1, true);
    if (!user_handler) {
        fprintf(stderr, "panic: %s\n", message);
        return;
    }
    SELF->in_library = false; /* the handler is the program's */
    user_handler(wg, message);
    SELF->in_library = true;
}

waitgroup_panic_handler __wrap_waitgroup_set_panic_handler(waitgroup_panic_handler handler)
{
    touch(&user_handler, 1, true);
    waitgroup_panic_handler previous = user_handler;
    user_handler = handler;
    return previous;
}

/* Only a panic handler jumps over a frame of the library. */
static void recovered(void)
{
    SELF->in_library = false;
    waiting[running].returns = NULL;
    panic_text = NULL;
}

_Noreturn void __wrap_longjmp(jmp_buf to, int value)
{
    recovered();
    longjmp(to, value);
}

_Noreturn void __wrap__longjmp(jmp_buf to, int value)
{
    recovered();
    longjmp(to, value);
}

_Noreturn void __wrap_siglongjmp(sigjmp_buf to, int value)
{
    recovered();
    siglongjmp(to, value);
}

/* ------------------------------------------ futex ------------------------------------------ */

static struct sleeper {
    const void *address;
    unsigned long turn;
} sleepers[MAX_THREADS];
static unsigned long turns;
static int asleep;

/* The library sleeps in naps, to look for signals, until its deadline is near. Here a nap has no end of
 * its own; but the deadline may pass in one, and then the library's clock says so. */
static struct {
    const struct timespec *deadline;
    bool late;
} sleeping[MAX_THREADS];

static bool is_awake(const void *sleeper)
{
    return !((const struct sleeper *)sleeper)->address;
}

static long futex_wait(const void *address, uint32_t expected, bool timed)
{
    if (*(const volatile uint32_t *)address != expected) {
        errno = EAGAIN;
        return -1;
    }
    if (timed && SELF->in_library && sleeping[running].late) {
        errno = ETIMEDOUT;
        return -1;
    }
    struct sleeper *self = &sleepers[running];
    *self = (struct sleeper){address, turns++};
    if (event_count > 0)
        events[event_current()].blocked = true;
    asleep++;
    /* In a call of the library: on the group, with all that its return looks at. */
    const void *object = SELF->in_library ? SELF->object : address;
    bool woken = timed ? schedule_timed(object, is_awake, self) : schedule(object, is_awake, self);
    asleep--;
    self->address = NULL;
    if (woken)
        return 0;
    sleeping[running].late = SELF->in_library;
    errno = ETIMEDOUT;
    return -1;
}

int waitgroup_sema_acquire_(uint32_t *sema, clockid_t clock, const struct timespec *deadline);
int __wrap_waitgroup_sema_acquire_(uint32_t *sema, clockid_t clock, const struct timespec *deadline);

int __wrap_waitgroup_sema_acquire_(uint32_t *sema, clockid_t clock, const struct timespec *deadline)
{
    sleeping[running].deadline = deadline;
    sleeping[running].late = false;
    const int result = waitgroup_sema_acquire_(sema, clock, deadline);
    sleeping[running].late = false;
    return result;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    const int result = clock_gettime(clock, now);
    if (SELF->in_library && sleeping[running].late && now->tv_sec < sleeping[running].deadline->tv_sec)
        *now = *sleeping[running].deadline;
    return result;
}

/* First come, first woken. */
static long futex_wake(const void *address, int count)
{
    long woken = 0;
    while (woken < count) {
        struct sleeper *first = NULL;
        for (int t = 0; t < thread_count; t++)
            if (sleepers[t].address == address && (!first || sleepers[t].turn < first->turn))
                first = &sleepers[t];
        if (!first)
            break;
        first->address = NULL;
        woken++;
    }
    changed();
    return woken;
}

long __wrap_syscall(long number, ...)
{
    long of[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        of[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number != SYS_futex)
        return syscall(number, of[0], of[1], of[2], of[3], of[4], of[5]);
    if (!SELF->in_library)
        schedule((const void *)of[0], NULL, NULL);
    const bool timed = SELF->in_library ? sleeping[running].deadline != NULL : of[3] != 0;
    switch (of[1] & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return futex_wait((const void *)of[0], (uint32_t)of[2], timed);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return futex_wake((const void *)of[0], (int)of[2]);
    default:
        run_stop("this operation of futex() is not modelled: use FUTEX_WAIT and FUTEX_WAKE");
    }
}

/* ------------------------------------------ threads ------------------------------------------ */

static struct {
    pthread_t handle;
    void *(*function)(void *);
    void *argument;
    bool joined;
} starts[MAX_THREADS];

/* A thread ends when its cleanup handlers and destructors have run. Destructors run in rounds, and
 * this one asks for another until the last. */
static pthread_key_t ending;

static void end_thread(void *rounds)
{
    uintptr_t left = (uintptr_t)rounds;
    if (left > 1) {
        pthread_setspecific(ending, (void *)(left - 1));
        return;
    }
    event_begin("ends", NULL, 0);
    sync_release(SELF);
    schedule_finish();
}

static void *run_thread(void *argument)
{
    int id = (int)(intptr_t)argument;
    schedule_start(id);
    /* libc gives new threads the stacks of old ones. */
    pthread_attr_t attributes;
    void *stack;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &stack, &size);
        memory_forget(stack, size);
        pthread_attr_destroy(&attributes);
    }
    pthread_setspecific(ending, (void *)PTHREAD_DESTRUCTOR_ITERATIONS);
    return starts[id].function(starts[id].argument);
}

int __wrap_pthread_create(pthread_t *handle, const pthread_attr_t *attributes, void *(*function)(void *),
                          void *argument)
{
    if (thread_count == MAX_THREADS)
        run_stop("more than %d threads in one run: too many for a lesson", MAX_THREADS);
    int id = thread_count, state = PTHREAD_CREATE_JOINABLE;
    if (attributes)
        pthread_attr_getdetachstate(attributes, &state);
    starts[id].function = function;
    starts[id].argument = argument;
    schedule_prepare(id);
    int error = pthread_create(&starts[id].handle, attributes, run_thread, (void *)(intptr_t)id);
    if (error)
        return error;
    *handle = starts[id].handle;
    if (!SELF->in_library)
        event_begin("create", PC, id);
    events[event_current()].argument = id;
    threads[id].function = task_of_go ? task_of_go : (const void *)(uintptr_t)function;
    threads[id].detached = state == PTHREAD_CREATE_DETACHED;
    thread_count++;
    thread_begin(id, event_current());
    return 0;
}

static bool has_finished(const void *thread)
{
    return ((const struct thread *)thread)->finished;
}

/* Handles are reused: the youngest that nobody has joined. */
static int thread_of(pthread_t handle)
{
    for (int t = thread_count - 1; t > 0; t--)
        if (pthread_equal(starts[t].handle, handle) && !starts[t].joined && !threads[t].detached)
            return t;
    return -1;
}

int __wrap_pthread_join(pthread_t handle, void **result)
{
    int id = thread_of(handle);
    if (id < 0)
        return ESRCH;
    if (id == running)
        return EDEADLK;
    schedule(&threads[id], has_finished, &threads[id]);
    event_begin("join", PC, id);
    sync_acquire(&threads[id]);
    starts[id].joined = true;
    return pthread_join(handle, result);
}

int __wrap_pthread_detach(pthread_t handle)
{
    int id = thread_of(handle);
    if (id < 0)
        return ESRCH;
    threads[id].detached = true;
    return pthread_detach(handle);
}

/* ------------------------- mutexes, semaphores, barriers: by address ------------------------- */

struct object {
    const void *address;
    struct object *next;
    int owner;  /* of a mutex: 1 + thread */
    int count;  /* a mutex's depth; a semaphore's value; a barrier's arrivals */
    int limit;  /* of a barrier: those it waits for */
    int type;   /* of a mutex */
    int unlock; /* of a mutex: 1 + the last event that unlocked it */
};

static struct object *objects;

static struct object *object_at(const void *address)
{
    for (struct object *object = objects; object; object = object->next)
        if (object->address == address)
            return object;
    struct object *object = new_zeroed(sizeof *object);
    object->address = address;
    object->next = objects;
    return objects = object;
}

static struct object *object_anew(const void *address)
{
    struct object *object = object_at(address);
    touch(address, 1, true);
    *object = (struct object){.address = address, .next = object->next};
    return object;
}

static struct object *mutex_at(pthread_mutex_t *mutex)
{
    struct object *object = object_at(mutex);
    /* A static initializer tells the type nowhere else. */
    object->type = mutex->__data.__kind & 3;
    return object;
}

static bool is_free(const void *mutex)
{
    return ((const struct object *)mutex)->owner == 0;
}

/* Unlocking is no choice point. But what unlocked it may as well come after this attempt, unless
 * something orders the two; then the attempt finds it locked. */
static bool still_locked(const struct object *mutex)
{
    return mutex->owner != 0 || (mutex->unlock != 0 && !event_is_known(mutex->unlock - 1) && schedule_coin());
}

static void lock(struct object *mutex, void *pc)
{
    event_begin("lock", pc, 0);
    memory_access_here(mutex->address, 1, READ | ATOMIC | UNSHARED);
    sync_acquire(mutex->address);
    mutex->owner = 1 + running;
    mutex->count = 1;
}

static bool relock(struct object *mutex)
{
    if (mutex->owner != 1 + running || mutex->type != PTHREAD_MUTEX_RECURSIVE)
        return false;
    mutex->count++;
    return true;
}

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    event_begin("mutex", PC, 0);
    memory_access_here(mutex, 1, WRITE | UNSHARED);
    object_anew(mutex);
    return pthread_mutex_init(mutex, attributes);
}

int __wrap_pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    event_begin("mutex", PC, 0);
    memory_access_here(mutex, 1, WRITE | UNSHARED);
    if (object_at(mutex)->owner)
        return EBUSY;
    object_anew(mutex);
    memory_forget(mutex, sizeof *mutex);
    return pthread_mutex_destroy(mutex);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    struct object *object = mutex_at(mutex);
    if (relock(object))
        return 0;
    if (object->owner == 1 + running && object->type == PTHREAD_MUTEX_ERRORCHECK)
        return EDEADLK;
    schedule(mutex, is_free, object);
    lock(object, PC);
    return 0;
}

int __wrap_pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    struct object *object = mutex_at(mutex);
    if (relock(object))
        return 0;
    schedule_look(&SELF->look, mutex, (uintptr_t)PC * 31 + (uintptr_t)mutex);
    if (still_locked(object))
        return EBUSY;
    changed();
    lock(object, PC);
    return 0;
}

static int mutex_lock_timed(pthread_mutex_t *mutex, void *pc)
{
    struct object *object = mutex_at(mutex);
    if (relock(object))
        return 0;
    if (!schedule_timed(mutex, is_free, object) || still_locked(object))
        return ETIMEDOUT;
    lock(object, pc);
    return 0;
}

int __wrap_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *abstime)
{
    (void)abstime;
    return mutex_lock_timed(mutex, PC);
}

int __wrap_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *abstime)
{
    (void)clock;
    (void)abstime;
    return mutex_lock_timed(mutex, PC);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    struct object *object = mutex_at(mutex);
    if (object->owner != 1 + running) {
        if (object->type != PTHREAD_MUTEX_NORMAL)
            return EPERM;
        run_stop("the program unlocks a mutex that its thread has not locked");
    }
    if (--object->count > 0)
        return 0;
    object->unlock = 1 + event_begin("unlock", PC, 0);
    memory_access_here(mutex, 1, READ | ATOMIC | UNSHARED);
    sync_release_store(mutex);
    object->owner = 0;
    changed();
    return 0;
}

static bool is_positive(const void *semaphore)
{
    return ((const struct object *)semaphore)->count > 0;
}

static void take(struct object *semaphore, void *pc)
{
    semaphore->count--;
    event_begin("sem_wait", pc, 0);
    sync_acquire(semaphore->address);
}

int __wrap_sem_init(sem_t *semaphore, int shared, unsigned value)
{
    (void)shared;
    object_anew(semaphore)->count = (int)value;
    return 0;
}

int __wrap_sem_destroy(sem_t *semaphore)
{
    object_anew(semaphore);
    memory_forget(semaphore, sizeof *semaphore);
    return 0;
}

int __wrap_sem_post(sem_t *semaphore)
{
    schedule(semaphore, NULL, NULL);
    event_begin("sem_post", PC, 0);
    sync_release(semaphore);
    object_at(semaphore)->count++;
    changed();
    return 0;
}

int __wrap_sem_wait(sem_t *semaphore)
{
    struct object *object = object_at(semaphore);
    schedule(semaphore, is_positive, object);
    take(object, PC);
    return 0;
}

int __wrap_sem_trywait(sem_t *semaphore)
{
    struct object *object = object_at(semaphore);
    schedule_look(&SELF->look, semaphore, (uintptr_t)PC * 31 + (uintptr_t)semaphore);
    if (!is_positive(object)) {
        errno = EAGAIN;
        return -1;
    }
    changed();
    take(object, PC);
    return 0;
}

static int sem_wait_timed(sem_t *semaphore, void *pc)
{
    struct object *object = object_at(semaphore);
    if (!schedule_timed(semaphore, is_positive, object)) {
        errno = ETIMEDOUT;
        return -1;
    }
    take(object, pc);
    return 0;
}

int __wrap_sem_timedwait(sem_t *semaphore, const struct timespec *abstime)
{
    (void)abstime;
    return sem_wait_timed(semaphore, PC);
}

int __wrap_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *abstime)
{
    (void)clock;
    (void)abstime;
    return sem_wait_timed(semaphore, PC);
}

int __wrap_sem_getvalue(sem_t *semaphore, int *value)
{
    schedule_look(&SELF->look, semaphore, (uintptr_t)PC * 31 + (uintptr_t)semaphore);
    event_begin("sem_getvalue", PC, 0);
    sync_acquire(semaphore);
    *value = object_at(semaphore)->count;
    return 0;
}

int __wrap_pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes,
                                unsigned count)
{
    (void)attributes;
    if (count == 0 || count > INT32_MAX)
        return EINVAL;
    event_begin("barrier init", PC, 0);
    memory_access_here(barrier, 1, WRITE | UNSHARED);
    object_anew(barrier)->limit = (int)count;
    return 0;
}

int __wrap_pthread_barrier_destroy(pthread_barrier_t *barrier)
{
    event_begin("barrier destroy", PC, 0);
    memory_access_here(barrier, 1, WRITE | UNSHARED);
    object_anew(barrier);
    return 0;
}

/* One arrival at a barrier, and how many there must be before it may pass. */
struct arrival {
    const struct object *barrier;
    int needed;
};

static bool all_arrived(const void *arrival)
{
    return ((const struct arrival *)arrival)->barrier->count >= ((const struct arrival *)arrival)->needed;
}

static struct arrival arrive(const void *address)
{
    struct object *barrier = object_at(address);
    if (barrier->limit == 0)
        run_stop("the program waits at a barrier that was not initialized");
    barrier->count++;
    touch(address, 1, true);
    changed();
    return (struct arrival){barrier, (barrier->count - 1) / barrier->limit * barrier->limit + barrier->limit};
}

int __wrap_pthread_barrier_wait(pthread_barrier_t *barrier)
{
    schedule(barrier, NULL, NULL);
    event_begin("barrier", PC, 0);
    memory_access_here(barrier, 1, READ | UNSHARED);
    sync_release(barrier);
    struct arrival arrival = arrive(barrier);
    bool last = all_arrived(&arrival);
    schedule(barrier, all_arrived, &arrival);
    event_begin("barrier passed", PC, 0);
    sync_acquire(barrier);
    memory_access_here(barrier, 1, READ | UNSHARED);
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

/* ------------------------------------ order without an edge ------------------------------------ */

static int steps_taken;

static bool is_turn(const void *step)
{
    return steps_taken == *(const int *)step - 1;
}

/* STEPS=ignore: every order instead of the lesson's own. */
static bool steps_count(void)
{
    const char *steps = getenv("STEPS");
    return !steps || strcmp(steps, "ignore") != 0;
}

void step(int number)
{
    if (!steps_count())
        return;
    schedule(NULL, is_turn, &number);
    event_begin("step", PC, number);
    steps_taken = number;
}

static bool enough_asleep(const void *count)
{
    return asleep >= *(const int *)count;
}

void until_blocked(int count)
{
    if (!steps_count())
        return;
    schedule(NULL, enough_asleep, &count);
    event_begin("until blocked", PC, count);
}

/* ThreadSanitizer's own, for its tests. */
void __tsan_testonly_barrier_init(void *barrier, unsigned count)
{
    object_anew(barrier)->limit = (int)count;
}

void __tsan_testonly_barrier_wait(void *barrier)
{
    struct arrival arrival = arrive(barrier);
    schedule(barrier, all_arrived, &arrival);
}

/* Sleeping orders nothing. */
#define SLEEP_FOR(type, name, parameters)         \
    type __wrap_##name parameters                 \
    {                                             \
        schedule_look(&SELF->sleep, SELF, SLEEP); \
        return 0;                                 \
    }
SLEEP_FOR(unsigned, sleep, (unsigned seconds __attribute__((__unused__))))
SLEEP_FOR(int, usleep, (useconds_t time __attribute__((__unused__))))
SLEEP_FOR(int, sched_yield, (void))
SLEEP_FOR(int, nanosleep,
          (const struct timespec *time __attribute__((__unused__)),
           struct timespec *left __attribute__((__unused__))))
SLEEP_FOR(int, clock_nanosleep,
          (clockid_t clock __attribute__((__unused__)), int flags __attribute__((__unused__)),
           const struct timespec *time __attribute__((__unused__)),
           struct timespec *left __attribute__((__unused__))))

/* ------------------------------------------- memory ------------------------------------------- */

/* Fresh memory counts as written by the thread that got it. */
static void *allocated(void *memory, size_t size, void *pc)
{
    if (memory && !SELF->in_library) {
        memory_forget(memory, size);
        memory_access(memory, size, WRITE | UNSHARED, "malloc", pc);
    }
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return allocated(malloc(size), size, PC);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocated(calloc(count, size), count * size, PC);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return allocated(aligned_alloc(alignment, size), size, PC);
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size)
{
    int error = posix_memalign(memory, alignment, size);
    if (!error)
        allocated(*memory, size, PC);
    return error;
}

static void freed(void *memory, void *pc)
{
    if (!memory || SELF->in_library)
        return;
    size_t size = malloc_usable_size(memory);
    memory_access(memory, size, WRITE | UNSHARED, "free", pc);
    memory_forget(memory, size);
}

void __wrap_free(void *memory)
{
    freed(memory, PC);
    free(memory);
}

void *__wrap_realloc(void *memory, size_t size)
{
    freed(memory, PC);
    return allocated(realloc(memory, size), size, PC);
}

char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    program_access(text, size, READ, PC);
    return allocated(strdup(text), size, PC);
}

void *__wrap_mmap(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    void *memory = mmap(address, size, protection, flags, file, offset);
    if (memory != MAP_FAILED)
        memory_forget(memory, size);
    return memory;
}

/* ----------------------------------------- beginning and end ----------------------------------------- */

_Noreturn void __wrap_abort(void)
{
    run_panic(panic_text);
}

_Noreturn void __wrap___assert_fail(const char *expression, const char *file, unsigned line,
                                    const char *function)
{
    fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, expression);
    run_panic(NULL);
}

/* A handler of panics that ends the program does not undo the panic. */
static _Noreturn void end(int status)
{
    if (panic_text)
        run_panic(panic_text);
    run_end(status);
}

_Noreturn void __wrap__exit(int status)
{
    end(status);
}

/* Other threads may act before the process ends. */
static void at_exit(int status, void *unused)
{
    (void)unused;
    schedule(NULL, NULL, NULL);
    end(status);
}

/* After schedule.c's constructor: only runs come here, not the explorer. */
__attribute__((__constructor__(102))) static void begin(void)
{
    on_exit(at_exit, NULL);
    pthread_key_create(&ending, end_thread);
    pthread_setspecific(ending, (void *)PTHREAD_DESTRUCTOR_ITERATIONS);
    waitgroup_set_panic_handler(on_panic);
    event_begin("begin", NULL, 0);
}

/* What the recorder does not model, and what a small program can use in its place. */
#define NOT_MODELLED(name, instead)                     \
    _Noreturn void __wrap_##name(void);                 \
    _Noreturn void __wrap_##name(void)                  \
    {                                                   \
        run_stop(#name "() is not modelled: " instead); \
    }
#define FOR_CONDITION "wait with sem_wait() or a WaitGroup"
NOT_MODELLED(pthread_cond_wait, FOR_CONDITION)
NOT_MODELLED(pthread_cond_timedwait, FOR_CONDITION)
NOT_MODELLED(pthread_cond_clockwait, FOR_CONDITION)
NOT_MODELLED(pthread_cond_signal, FOR_CONDITION)
NOT_MODELLED(pthread_cond_broadcast, FOR_CONDITION)
#define FOR_LOCK "lock a pthread_mutex_t"
NOT_MODELLED(pthread_rwlock_rdlock, FOR_LOCK)
NOT_MODELLED(pthread_rwlock_tryrdlock, FOR_LOCK)
NOT_MODELLED(pthread_rwlock_timedrdlock, FOR_LOCK)
NOT_MODELLED(pthread_rwlock_wrlock, FOR_LOCK)
NOT_MODELLED(pthread_rwlock_trywrlock, FOR_LOCK)
NOT_MODELLED(pthread_rwlock_timedwrlock, FOR_LOCK)
NOT_MODELLED(pthread_rwlock_unlock, FOR_LOCK)
NOT_MODELLED(pthread_spin_lock, FOR_LOCK)
NOT_MODELLED(pthread_spin_trylock, FOR_LOCK)
NOT_MODELLED(pthread_once, "call the function in main() before the threads start")
NOT_MODELLED(pthread_cancel, "let the thread return")
NOT_MODELLED(pthread_kill, "leave the signal out")
#define FOR_JOIN "use pthread_join()"
NOT_MODELLED(pthread_tryjoin_np, FOR_JOIN)
NOT_MODELLED(pthread_timedjoin_np, FOR_JOIN)
NOT_MODELLED(pthread_clockjoin_np, FOR_JOIN)
NOT_MODELLED(sem_open, "use sem_init()")
#define FOR_C11 "use the functions of <pthread.h>"
NOT_MODELLED(call_once, FOR_C11)
NOT_MODELLED(thrd_create, FOR_C11)
NOT_MODELLED(thrd_join, FOR_C11)
NOT_MODELLED(mtx_lock, FOR_C11)
NOT_MODELLED(mtx_timedlock, FOR_C11)
NOT_MODELLED(mtx_trylock, FOR_C11)
NOT_MODELLED(cnd_wait, FOR_C11)
NOT_MODELLED(cnd_timedwait, FOR_C11)
NOT_MODELLED(cnd_signal, FOR_C11)
NOT_MODELLED(cnd_broadcast, FOR_C11)
NOT_MODELLED(fork, "start a thread, or leave the other process out")
NOT_MODELLED(vfork, "start a thread, or leave the other process out")
#define FOR_POLL "leave it out, or let sem_wait() stand for it"
NOT_MODELLED(poll, FOR_POLL)
NOT_MODELLED(select, FOR_POLL)
