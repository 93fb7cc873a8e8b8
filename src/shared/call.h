/* Where the library's calls begin and end, for a scheduler that stands before ThreadSanitizer's runtime
 * (tsan/schedule) and runs one thread at a time. So a call is one piece for it, up to where it blocks. And
 * it can tell the caller's deadline, which may pass or not, a choice, from the naps that a parked wait is
 * made of (sema_futex.c): which of them ends means nothing.
 *
 * It hears of it by AnnotateNoOp(), a function of TSan's runtime that does nothing, and is null in a plain
 * program. The library asks once, at its start, whether anybody hears: without a scheduler a call costs two
 * tests, not two calls of the runtime, which took 1 ns each. */
#ifndef SHARED_CALL_H
#define SHARED_CALL_H

#include "waitgroup.h"

#include <stddef.h>

enum call_place {
    CALL_IS_HEARD, /* whoever hears it sets what the object is, an int, to 1 */
    CALL_BEGINS,
    CALL_ENDS,
    CALL_NAPS,   /* the sleep that follows ends at a time that means nothing, and another follows it */
    CALL_SLEEPS, /* the sleep that follows ends at the caller's own deadline, if it has one */
    CALL_LEAVES  /* the program's code runs inside the call, and may jump out of it */
};

/* What is told of a call. The group is told by its address alone, as its memory may be gone. */
struct call_facts {
    const void *object;
    const void *caller; /* the line of the program; for CALL_NAPS the deadline of the whole sleep, or NULL */
};

void AnnotateNoOp(const char *name, int place, const void *facts) __attribute__((__weak__));

extern int waitgroup_is_heard_; /* set before main(); in process.c */

WAITGROUP_UNINSTRUMENTED_ static inline void call_tell(const char *name, enum call_place place,
                                                       const void *object, const void *caller)
{
    if (waitgroup_is_heard_) {
        const struct call_facts facts = {object, caller};
        AnnotateNoOp(name, (int)place, &facts);
    }
}

WAITGROUP_UNINSTRUMENTED_ static inline void call_ask(void)
{
    const struct call_facts facts = {&waitgroup_is_heard_, NULL};
    if (AnnotateNoOp)
        AnnotateNoOp("waitgroup_is_heard", CALL_IS_HEARD, &facts);
}

/* In a public function, for its caller's line. */
#define call_begins(object) call_tell(__func__, CALL_BEGINS, object, __builtin_return_address(0))
#define call_ends(object)   call_tell(__func__, CALL_ENDS, object, __builtin_return_address(0))

#endif
