/* What a scenario sees: the library's public header, data that is all zero when an execution begins, and
 * the few things that only the model can do.
 *
 * A scenario is a program of a user's in small. It runs under every search of search.cpp, thousands of
 * times; what it checks must hold in each execution, and every place that it names must be reached in
 * some. Its first thread is T0. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "waitgroup.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The names of these fields are those of the story of a failing execution (story.cpp). */
struct world {
    waitgroup_t group;
    waitgroup_t second;
    int result[4];
    int delta;     /* a number that no compiler knows */
    uint32_t last; /* an atomic of the scenario's own */
    uint64_t x;    /* atomics of the tests of the model */
    uint64_t y;
};
extern struct world the;

/* Another thread, at most three. */
void start(void (*task)(void));

/* Fails the execution if the condition does not hold. */
#define CHECK(condition) ((condition) ? (void)0 : check_failed(#condition))
void check_failed(const char *condition);

/* The execution has come to one of the places that the scenario names. */
void reached(const char *place);

/* free(): no access may come later, and every earlier one must happen before. */
void release_memory(const void *memory, size_t size);

/* Did this thread's last sleep end by its deadline? */
int deadline_has_passed(void);

/* Free parcels of waitgroup_go(): 0 to 64 (64 if not said). */
void leave_parcels(int number);

/* Waits look out for zero before they enlist (for one waiting thread only: see README). */
void have_company(void);

/* From now on pthread_create() fails. Before it says so it starts a thread for the task: an allocator's
 * hook, for instance, may do such things. */
void refuse_threads(void (*task)(void));

/* "sleep" is reached in the model's kernel, "refused" in its pthread_create(), and the message of a panic
 * when it ends an execution. */
struct scenario {
    const char *name;
    void (*run)(void);
    const char *places[4];
    const char *panics[2]; /* that may end an execution: the scenario breaks a rule */
};

extern const struct scenario round_scenarios[], deadline_scenarios[], lifetime_scenarios[], go_scenarios[],
    broken_rule_scenarios[], model_scenarios[];

#ifdef __cplusplus
}
#endif

#endif
