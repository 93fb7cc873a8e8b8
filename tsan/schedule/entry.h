/* The entry points: functions of this object that the program calls in place of ThreadSanitizer's.
 *
 * A THUNK saves the arguments, asks its hook, and jumps on, with the caller's return address: TSan sees
 * the program's own stack and never us. The hook may have it jump elsewhere: to another of TSan's
 * functions that takes the same first arguments, or to one of those below that only return. */
#ifndef SCHEDULE_ENTRY_H
#define SCHEDULE_ENTRY_H

#include "turn.h"

#define EXPORT __attribute__((__visibility__("default")))

struct call;
struct entry;
typedef void function(void);
typedef function *hook(const struct call *call); /* NULL: to the function itself */

typedef bool quick(const struct entry *entry, uintptr_t first_argument);

struct entry {
    function *next;
    const char *name;
    hook *hook;
    uint32_t size; /* of an access */
    enum schedule_kind kind;
    int before, after; /* delays, see delay.h */
    bool always;       /* the hook is also for threads that do not take turns, and before there are any */
    quick *quick;      /* asked first, in threads that take turns: is there nothing to do? NULL: there is */
};

struct call {
    struct entry *entry;
    const uintptr_t *args;
    uintptr_t pc;
};

function *entry_next(struct entry *entry);
#define NEXT(name)      entry_next(&entry_##name)
#define CALL_NEXT(name) ((__typeof__(&name))NEXT(name))

/* Is the calling thread one of those that take turns? */
static inline bool controlled(void)
{
    return self != NULL;
}

static inline struct act act_of(const struct call *call)
{
    return (struct act){.kind = call->entry->kind, .object = call->args[0], .pc = call->pc};
}

function *entry_return(long value); /* the call is over and returns this */
/* The call is made, and then this hook is asked; what it answers is ignored. */
void entry_come_back(hook *after);
function *entry_fail(int error); /* returns -1, with this errno */

#if defined __x86_64__
#    define STUB(name)                          \
        "    leaq entry_" name "(%rip), %r11\n" \
        "    jmp schedule_thunk_\n"
#else
#    define STUB(name)                             \
        "    adrp x16, entry_" name "\n"           \
        "    add x16, x16, :lo12:entry_" name "\n" \
        "    b schedule_thunk_\n"
#endif

#define THUNK_OF(function_name, function_hook, function_kind, bytes, first, last, always, quick)             \
    extern struct entry entry_##function_name __attribute__((__visibility__("hidden")));                     \
    struct entry entry_##function_name = {NULL,  #function_name, function_hook, bytes, KIND_##function_kind, \
                                          first, last,           always,        quick};                      \
    __asm__(".text\n"                                                                                        \
            "    .p2align 4\n"                                                                               \
            "    .globl " #function_name "\n"                                                                \
            "    .type " #function_name ", %function\n" #function_name ":\n"                                 \
            "    .cfi_startproc\n" STUB(#function_name) "    .cfi_endproc\n"                                 \
                                                        "    .size " #function_name ", .-" #function_name    \
                                                        "\n");
#define THUNK_WITH_DELAYS(name, hook, kind, bytes, first, last) \
    THUNK_OF(name, hook, kind, bytes, first, last, false, NULL)
#define THUNK(name, hook, kind) THUNK_OF(name, hook, kind, 0, -1, -1, false, NULL)

#endif
