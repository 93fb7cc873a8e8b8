/* What the processes that the tests of messages look at have in common (child.c). */
#ifndef CHILD_H
#define CHILD_H

#include "../asleep.h"
#include "waitgroup.h"

#include <pthread.h>

extern waitgroup_t wg, other;

struct scenario {
    const char *name;
    void (*run)(char **arguments); /* those that follow the name */
};

/* Up to the one without a name. */
extern const struct scenario panic_scenarios[], stall_scenarios[], memory_scenarios[];

pthread_t start(void *(*routine)(void *));
struct timespec after(long milliseconds);

/* Until a wait on wg is enlisted. */
void await_waiter(void);

/* Waits on wg, up to the deadline unless it is NULL, and prints how that ended. */
void wait_and_tell(const struct timespec *deadline);
void wait_a_while(long milliseconds);

/* Several threads that report at once: each announces itself; then one can wait until all others sleep. */
enum { SEVERAL = 8 };
extern int thread_ids[SEVERAL];
void announce(void *number); /* one of thread_ids */
void await_sleep_of_the_others(void);

#endif
