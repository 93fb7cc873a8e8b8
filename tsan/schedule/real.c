/* System calls without libc, whose functions TSan intercepts, and whose errno is the program's. */
#define _GNU_SOURCE
#include "real.h"
#include "shared/timespec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

#if defined __x86_64__
long real_call(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined __aarch64__
long real_call(long number, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
#else
#    error "the scheduler's entry points are written for x86-64 and aarch64"
#endif

/* Volatile, or the compiler makes calls of memcpy and its like out of the loops. */
void real_copy(volatile void *to, const volatile void *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((volatile char *)to)[i] = ((const volatile char *)from)[i];
}

void real_clear(volatile void *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((volatile char *)at)[i] = 0;
}

/* A compiler may copy and clear structures by these whatever its flags. Hidden, so its calls end here and not
 * at ThreadSanitizer's. */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    real_copy(to, from, size);
    return to;
}

void *memset(void *at, int value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((volatile char *)at)[i] = (char)value;
    return at;
}

bool real_equal(const volatile void *a, const volatile void *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((const volatile char *)a)[i] != ((const volatile char *)b)[i])
            return false;
    return true;
}

bool real_same_text(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

void real_text(char *to, size_t size, const char *from)
{
    volatile char *at = to;
    while (size > 1 && *from)
        *at++ = *from++, size--;
    *at = '\0';
}

void real_append(char *to, size_t size, const char *from)
{
    size_t length = 0;
    while (((volatile char *)to)[length])
        length++;
    real_text(to + length, size - length, from);
}

void real_say(const char *text)
{
    size_t length = 0;
    while (((const volatile char *)text)[length])
        length++;
    REAL(SYS_write, 2, text, length);
}

uint64_t real_now(int clock)
{
    struct timespec now;
    REAL(SYS_clock_gettime, clock, &now);
    return timespec_nanoseconds(&now);
}

int real_thread(void)
{
    return (int)REAL(SYS_gettid, 0);
}

void real_sleep(uint32_t *word, uint32_t expected, uint64_t nanoseconds)
{
    const struct timespec time = timespec_of(nanoseconds);
    REAL(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, nanoseconds ? &time : NULL);
}

void real_wake(uint32_t *word)
{
    REAL(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1);
}

long real_read_own(const char *name, int thread, char *text, size_t size)
{
    char path[64] = "/proc/self/task/", digits[12];
    int at = (int)sizeof digits - 1;
    digits[at] = '\0';
    for (; thread > 0; thread /= 10)
        digits[--at] = (char)('0' + thread % 10);
    real_append(path, sizeof path, &digits[at]);
    real_append(path, sizeof path, "/");
    real_append(path, sizeof path, name);
    const long file = REAL(SYS_openat, AT_FDCWD, path, O_RDONLY);
    if (file < 0)
        return file;
    const long length = REAL(SYS_read, file, text, size);
    REAL(SYS_close, file);
    return length;
}
