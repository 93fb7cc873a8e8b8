/* The world below the scheduler: system calls, and the functions that the entry points stand before.
 *
 * ThreadSanitizer intercepts memcpy, read, clock_gettime and six hundred other functions also when this
 * object calls them, and would take what the scheduler does for acts of the program. So nothing here
 * calls libc, but for the few that TSan leaves alone (dlsym, getenv, pthread_setspecific ...). */
#ifndef SCHEDULE_REAL_H
#define SCHEDULE_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timespec;

/* As the kernel returns it: -errno. */
long real_call(long number, long a, long b, long c, long d, long e, long f);
#define REAL(number, ...) REAL_(number, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define REAL_(number, a, b, c, d, e, f, ...) \
    real_call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

void real_copy(volatile void *to, const volatile void *from, size_t size);
void real_clear(volatile void *at, size_t size);
bool real_equal(const volatile void *a, const volatile void *b, size_t size);
bool real_same_text(const char *a, const char *b);
void real_text(char *to, size_t size, const char *from);
void real_append(char *to, size_t size, const char *from);
void real_say(const char *text); /* on standard error */

long real_read_own(const char *name, int thread, char *text, size_t size); /* /proc/self/task/THREAD/NAME */
uint64_t real_now(int clock);                                              /* nanoseconds */
int real_thread(void); /* the kernel's number of the calling thread */
void real_sleep(uint32_t *word, uint32_t expected, uint64_t nanoseconds); /* on a futex; 0: for ever */
void real_wake(uint32_t *word);

#endif
