/* The way from a call of the program to its hook and on into ThreadSanitizer: a thunk of assembly that keeps
 * all arguments, so that one serves functions of every type. */
#define _GNU_SOURCE
#include "entry.h"
#include "delay.h"
#include "locals.h"
#include "module.h"
#include "tsan.h"

#include <dlfcn.h>
#include <errno.h>

#if defined __x86_64__
/* A signal may come at each instruction, and who walks the stack there wants to find the caller. */
__asm__(".macro push_ register\n"
        "    pushq %\\register\n"
        "    .cfi_adjust_cfa_offset 8\n"
        ".endm\n"
        ".macro pop_ register\n"
        "    popq %\\register\n"
        "    .cfi_adjust_cfa_offset -8\n"
        ".endm\n"
        ".text\n"
        "    .hidden schedule_thunk_\n"
        "    .globl schedule_thunk_\n"
        "    .type schedule_thunk_, %function\n"
        "schedule_thunk_:\n"
        "    .cfi_startproc\n"
        "    push_ r9\n"
        "    push_ r8\n"
        "    push_ rcx\n"
        "    push_ rdx\n"
        "    push_ rsi\n"
        "    push_ rdi\n"
        "    push_ rax\n"
        "    movq %r11, %rdi\n"
        "    leaq 8(%rsp), %rsi\n"
        "    movq 56(%rsp), %rdx\n"
        "    call schedule_enter_\n"
        "    movq %rax, %r11\n"
        "    movq %rdx, %r10\n"
        "    pop_ rax\n"
        "    pop_ rdi\n"
        "    pop_ rsi\n"
        "    pop_ rdx\n"
        "    pop_ rcx\n"
        "    pop_ r8\n"
        "    pop_ r9\n"
        "    testq %r10, %r10\n"
        "    jnz 1f\n"
        "    jmp *%r11\n"
        "1:  push_ r10\n"
        "    call *%r11\n"
        "    pop_ rdi\n"
        "    push_ rax\n"
        "    call schedule_leave_\n"
        "    pop_ rax\n"
        "    ret\n"
        "    .cfi_endproc\n"
        "    .size schedule_thunk_, .-schedule_thunk_\n");
enum { ABOVE_ARGS = 7 }; /* six registers and the return address */
#else
__asm__(".text\n"
        "    .hidden schedule_thunk_\n"
        "    .globl schedule_thunk_\n"
        "    .type schedule_thunk_, %function\n"
        "schedule_thunk_:\n"
        "    .cfi_startproc\n"
        "    stp x29, x30, [sp, #-96]!\n"
        "    .cfi_def_cfa_offset 96\n"
        "    .cfi_offset 29, -96\n"
        "    .cfi_offset 30, -88\n"
        "    mov x29, sp\n"
        "    stp x0, x1, [sp, #16]\n"
        "    stp x2, x3, [sp, #32]\n"
        "    stp x4, x5, [sp, #48]\n"
        "    stp x6, x7, [sp, #64]\n"
        "    str x8, [sp, #80]\n"
        "    mov x0, x16\n"
        "    add x1, sp, #16\n"
        "    mov x2, x30\n"
        "    bl schedule_enter_\n"
        "    mov x16, x0\n"
        "    mov x17, x1\n"
        "    ldp x0, x1, [sp, #16]\n"
        "    ldp x2, x3, [sp, #32]\n"
        "    ldp x4, x5, [sp, #48]\n"
        "    ldp x6, x7, [sp, #64]\n"
        "    ldr x8, [sp, #80]\n"
        "    ldp x29, x30, [sp], #96\n"
        "    .cfi_def_cfa_offset 0\n"
        "    .cfi_restore 29\n"
        "    .cfi_restore 30\n"
        "    cbnz x17, 1f\n"
        "    br x16\n"
        "1:  stp x29, x30, [sp, #-32]!\n"
        "    .cfi_def_cfa_offset 32\n"
        "    .cfi_offset 29, -32\n"
        "    .cfi_offset 30, -24\n"
        "    str x17, [sp, #16]\n"
        "    blr x16\n"
        "    ldr x1, [sp, #16]\n"
        "    str x0, [sp, #16]\n"
        "    mov x0, x1\n"
        "    bl schedule_leave_\n"
        "    ldr x0, [sp, #16]\n"
        "    ldp x29, x30, [sp], #32\n"
        "    .cfi_def_cfa_offset 0\n"
        "    .cfi_restore 29\n"
        "    .cfi_restore 30\n"
        "    ret\n"
        "    .cfi_endproc\n"
        "    .size schedule_thunk_, .-schedule_thunk_\n");
enum { ABOVE_ARGS = 10 }; /* nine registers and a word that keeps them even */
#endif

struct onward {
    function *next;
    const struct entry *leave; /* call instead of jump, and come back here with this */
};
static _Thread_local hook *come_back __attribute__((__tls_model__("initial-exec")));

void entry_come_back(hook *after)
{
    come_back = after;
}

struct onward schedule_enter_(struct entry *entry, const uintptr_t *args, uintptr_t pc)
    __attribute__((__visibility__("hidden")));
void schedule_leave_(const struct entry *entry) __attribute__((__visibility__("hidden")));

/* What a C library does not have (a clocklock, for one) fails as it does where it is a stub; what no
 * ThreadSanitizer has does nothing. */
static int missing_pthread(void)
{
    return ENOSYS;
}

static int missing_call(void)
{
    errno = ENOSYS;
    return -1;
}

static int missing_tsan(void)
{
    return 0;
}

static bool begins_with(const char *text, const char *start)
{
    while (*start && *text == *start)
        text++, start++;
    return *start == '\0';
}

/* Looked up when it is first called, which may be before any constructor of ours. No lock: to look it up
 * twice does no harm. */
function *entry_next(struct entry *entry)
{
    function *next = __atomic_load_n(&entry->next, __ATOMIC_RELAXED);
    if (next)
        return next;
    next = (function *)(uintptr_t)dlsym(RTLD_NEXT, entry->name);
    if (!next)
        next = (function *)(begins_with(entry->name, "pthread_") ? missing_pthread
                            : begins_with(entry->name, "__tsan") || begins_with(entry->name, "Annotate")
                                ? missing_tsan
                                : missing_call);
    __atomic_store_n(&entry->next, next, __ATOMIC_RELAXED);
    return next;
}

static _Thread_local long result __attribute__((__tls_model__("initial-exec")));

static long give_result(void)
{
    return result;
}

function *entry_return(long value)
{
    result = value;
    return (function *)give_result;
}

function *entry_fail(int error)
{
    errno = error;
    return entry_return(-1);
}

/* TSan would run the handler of a signal that has come at the end of this call; but its hook may wait. */
static void run_signal_handlers(const struct entry *entry)
{
    if (!controlled() || !__atomic_load_n(&self->interrupted, __ATOMIC_RELAXED) || entry->kind == KIND_READ ||
        entry->kind == KIND_WRITE)
        return;
    __atomic_store_n(&self->interrupted, false, __ATOMIC_RELAXED);
    tsan_run_signal_handlers();
}

static __attribute__((__noinline__)) struct onward ask_hook(struct entry *entry, const uintptr_t *args,
                                                            uintptr_t pc)
{
    const struct call call = {entry, args, pc};
    if (controlled() ? !module_is_silent(pc) : entry->always) {
        const int saved = errno;
        run_signal_handlers(entry);
        if (controlled()) {
            self->call = entry->name;
            if (entry->kind != KIND_READ && entry->kind != KIND_WRITE)
                locals_leave((uintptr_t)(args + ABOVE_ARGS), pc);
        }
        function *elsewhere = entry->hook(&call);
        if (elsewhere)
            return (struct onward){elsewhere, NULL};
        errno = saved;
        if (come_back) {
            tsan_push(pc);
            return (struct onward){entry_next(entry), entry};
        }
    } else if (!controlled() && entry->after >= 0 && delay_is_on()) {
        if (entry->before >= 0)
            delay(entry->before);
        tsan_push(pc);
        return (struct onward){entry_next(entry), entry};
    }
    return (struct onward){entry_next(entry), NULL};
}

/* Of its own, so that what most accesses take saves few registers. */
struct onward schedule_enter_(struct entry *entry, const uintptr_t *args, uintptr_t pc)
{
    if (entry->quick && controlled() && entry->quick(entry, args[0]))
        return (struct onward){entry_next(entry), NULL};
    return ask_hook(entry, args, pc);
}

void schedule_leave_(const struct entry *entry)
{
    tsan_pop();
    if (!come_back) {
        delay(entry->after);
        return;
    }
    hook *after = come_back;
    come_back = NULL;
    const struct call call = {(struct entry *)(uintptr_t)entry, NULL, 0};
    const int saved = errno;
    after(&call);
    errno = saved;
}
