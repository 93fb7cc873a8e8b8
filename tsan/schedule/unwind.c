/* The two unwinders. Exceptions and cancellations pass through the frames of this object, where pthread_once
 * has something to tidy up (once.c). They are the affair of the program's unwinder; the one that is linked
 * into this object, for stacks, is a different copy and must not meet them. So what the compiler calls for
 * the tidying goes to the program's (the linker's --wrap). */
#define _GNU_SOURCE
#include "entry.h"

#include <sys/syscall.h>
#include <unwind.h>

static struct entry resume_entry = {.name = "_Unwind_Resume"},
                    personality_entry = {.name = "__gcc_personality_v0"};

typedef void resume_function(struct _Unwind_Exception *exception);
typedef _Unwind_Reason_Code personality_function(int version, _Unwind_Action actions,
                                                 _Unwind_Exception_Class kind,
                                                 struct _Unwind_Exception *exception,
                                                 struct _Unwind_Context *context);

resume_function __wrap__Unwind_Resume;
personality_function __wrap___gcc_personality_v0;

void __wrap__Unwind_Resume(struct _Unwind_Exception *exception)
{
    ((resume_function *)entry_next(&resume_entry))(exception);
}

_Unwind_Reason_Code __wrap___gcc_personality_v0(int version, _Unwind_Action actions,
                                                _Unwind_Exception_Class kind,
                                                struct _Unwind_Exception *exception,
                                                struct _Unwind_Context *context)
{
    return ((personality_function *)entry_next(&personality_entry))(version, actions, kind, exception,
                                                                    context);
}

/* What the copy in this object calls is answered here, not by TSan: without memory it searches its tables
 * one by one. */
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);
_Noreturn void __wrap_abort(void);

void *__wrap_malloc(size_t size)
{
    (void)size;
    return NULL;
}

void __wrap_free(void *memory)
{
    (void)memory;
}

_Noreturn void __wrap_abort(void)
{
    real_say("libracetest-schedule: the unwinder gives up\n");
    for (;;)
        REAL(SYS_exit_group, 70);
}
