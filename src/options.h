/* WAITGROUP_OPTIONS: parsed once, before main. */
#ifndef WAITGROUP_OPTIONS_H
#define WAITGROUP_OPTIONS_H

#include "waitgroup.h"

struct waitgroup_options_ {
    int strict;            /* every wait conflicts with an unordered first add; copies are found */
    int report_locks_held; /* a wait with a mutex held is reported */
    uint64_t stall_after;  /* nanoseconds after which a wait that blocks is reported; 0: never */
    uint64_t perturb;      /* seed of the delays in TSan programs; 0: none */
};

extern struct waitgroup_options_ waitgroup_options_;

/* Reads waitgroup_default_options() and then the environment. A mistake in them is told on standard
 * error and ends the process with status 2. */
void waitgroup_options_parse_(void);

/* The words of the options are key=value, separated by these. The delays at calls of pthreads
 * (tsan/schedule/delay.c) look for their seed themselves, but read it by what follows; it calls no
 * function, as TSan would answer there. */
#define OPTION_SEPARATORS ": ,\t\n\r"

WAITGROUP_UNINSTRUMENTED_ static inline int option_ends(char c)
{
    for (unsigned i = 0; i < sizeof OPTION_SEPARATORS; i++) /* the 0 at its end among them */
        if (c == OPTION_SEPARATORS[i])
            return 1;
    return 0;
}

/* Stores the decimal number that the value is and returns 1, or returns 0. */
WAITGROUP_UNINSTRUMENTED_ static inline int option_number(const char *value, uint64_t *target)
{
    uint64_t number = 0;
    const char *digit = value;
    for (; *digit >= '0' && *digit <= '9'; digit++)
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*digit - '0'), &number))
            return 0;
    if (digit == value || !option_ends(*digit))
        return 0;
    *target = number;
    return 1;
}

#endif
