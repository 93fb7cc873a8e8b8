/* What the model does for the scenarios (scenario.h), by real means: threads of the system under
 * ThreadSanitizer. The program runs one scenario, once; which order its steps take is the matter of the
 * scheduler that is preloaded (orders.py). */
#include "scenario.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void reset_spin(int company);
void reset_parcels(int number);
int protocol_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *),
                    void *argument);

struct world the;

static const struct scenario *current;
static void (*refused_task)(void);
static pthread_t threads[4];
static int started; /* atomic: tasks start others */

static void *call(void *task)
{
    ((void (*)(void))task)();
    return NULL;
}

void start(void (*task)(void))
{
    const int number = __atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
    if (pthread_create(&threads[number], NULL, call, (void *)task) != 0)
        check_failed("a thread can be started");
}

/* For the library's pthread_create(). */
int protocol_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *),
                    void *argument)
{
    if (!refused_task)
        return pthread_create(thread, attributes, routine, argument);
    start(refused_task);
    return EAGAIN;
}

void refuse_threads(void (*task)(void))
{
    refused_task = task;
}

void check_failed(const char *condition)
{
    fprintf(stderr, "%s: not true: %s\n", current->name, condition);
    abort();
}

void reached(const char *place)
{
    (void)place;
}

void __tsan_write_range(void *memory, unsigned long size); /* of the runtime: this file is not instrumented */

void release_memory(const void *memory, size_t size)
{
    __tsan_write_range((void *)memory, size);
}

int deadline_has_passed(void)
{
    return 0;
}

void leave_parcels(int number)
{
    reset_parcels(number);
}

void have_company(void)
{
    reset_spin(1);
}

static void handle_panic(waitgroup_t *wg, const char *message)
{
    (void)wg;
    for (size_t i = 0; i < sizeof current->panics / sizeof *current->panics; i++)
        if (current->panics[i] && strcmp(message, current->panics[i]) == 0)
            _exit(0);
    check_failed(message);
}

static const struct scenario *find(const char *name)
{
    const struct scenario *const lists[] = {round_scenarios, deadline_scenarios, lifetime_scenarios,
                                            go_scenarios, broken_rule_scenarios};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (const struct scenario *one = lists[i]; one->name; one++)
            if (!name)
                puts(one->name);
            else if (strcmp(one->name, name) == 0)
                return one;
    return NULL;
}

int main(int argc, char **argv)
{
    current = find(argv[1]);
    if (argc < 2)
        return 0; /* all names are told */
    if (!current)
        return 2;
    waitgroup_set_panic_handler(handle_panic);
    waitgroup_gate_ = 0;
    reset_spin(0);
    current->run();
    for (int i = 0; i < __atomic_load_n(&started, __ATOMIC_RELAXED); i++)
        pthread_join(threads[i], NULL);
    return 0;
}
