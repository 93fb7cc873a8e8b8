/* The syntax of WAITGROUP_OPTIONS: words key=value, separated as in TSAN_OPTIONS. Shared by src/options.c,
 * which reads them all, and tsan/schedule/delay.c, which looks for its seed before the library does. No
 * function is called here, as TSan intercepts those of <string.h>. */
#ifndef SHARED_OPTION_SYNTAX_H
#define SHARED_OPTION_SYNTAX_H

#include "waitgroup.h"

#define OPTION_SEPARATORS ": ,\t\n\r"

/* Does a word end here? */
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
