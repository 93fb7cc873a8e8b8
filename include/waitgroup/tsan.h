/* waitgroup/tsan.h - what waitgroup.h has to do with ThreadSanitizer; waitgroup.h includes it, nobody else
 *
 * Is this translation unit instrumented (WAITGROUP_TSAN_)? Then, as a part of the user's program, it has
 * the addresses of the runtime's functions in a table, and hands them to the library before main(). If it
 * belongs to the library itself, it must not be instrumented. What the library tells the runtime, and when,
 * is in tsan/race.h. */
#ifndef WAITGROUP_H
#    error "include <waitgroup.h> instead"
#endif
#ifndef WAITGROUP_TSAN_H
#    define WAITGROUP_TSAN_H

#    if defined(__SANITIZE_THREAD__)
#        define WAITGROUP_TSAN_ 1
#    elif defined(__has_feature)
#        if __has_feature(thread_sanitizer)
#            define WAITGROUP_TSAN_ 1
#        endif
#    endif
#    ifndef WAITGROUP_TSAN_
#        define WAITGROUP_TSAN_ 0
#    endif

#    ifdef WAITGROUP_BUILDING_

/* The library is uninstrumented by construction, also when its sources are built with
 * -fsanitize=thread: TSan shall learn of its atomics and its parking only what tsan/race.h says.
 * Entry points are not inlined, or link-time optimization would carry them into instrumented code. */
#        if defined(__clang__) && !WAITGROUP_TSAN_
#            define WAITGROUP_UNINSTRUMENTED_  /* clang's attribute would switch AddressSanitizer off as well \
                                                */
#        elif defined(__clang__)
#            define WAITGROUP_UNINSTRUMENTED_ __attribute__((__disable_sanitizer_instrumentation__))
#        else
#            define WAITGROUP_UNINSTRUMENTED_ __attribute__((__no_sanitize_thread__))
#        endif
#        define WAITGROUP_ENTRY_ WAITGROUP_UNINSTRUMENTED_ __attribute__((__noinline__))

#    endif

#    ifdef __cplusplus
extern "C" {
#    endif

/* The part of the runtime's interface that the library calls; a null entry is not there. New entries
 * come last: size tells which ones the program knew when it was compiled. */
struct waitgroup_tsan_ {
    const struct waitgroup_tsan_ *self; /* with the mark, how a table is told from other memory */
    char mark[16];
    size_t size;
    void (*acquire)(void *);
    void (*release)(void *);
    void (*func_entry)(void *);
    void (*func_exit)(void);
    void (*read4)(void *);
    void (*atomic32_store)(volatile uint32_t *, uint32_t, int);
    void *(*register_tag)(const char *);
    void (*register_header)(void *, const char *);
    void (*external_read)(void *, void *, void *);
    void (*ignore_begin)(const char *, int);
    void (*ignore_end)(const char *, int);
    void (*no_mutexes)(void);
    void (*print_stack)(void);
    int (*create_thread)(void *, const void *, void *(*)(void *), void *); /* pthread_create() */
    void (*symbolize)(void *, const char *, char *, size_t);
};

/* Takes the runtime's addresses from an instrumented translation unit. */
WAITGROUP_API_ void waitgroup_use_tsan_(const struct waitgroup_tsan_ *runtime);

#    if WAITGROUP_TSAN_ || defined(WAITGROUP_NAME_TSAN_)

/* Aliases, because gcc knows the plain names as builtins of other types; weak, because a runtime
 * may lack some, and a plain program has none. */
/* clang-format off */
#    define WAITGROUP_STRING_2_(x) #x
/* clang-format on */
#        define WAITGROUP_STRING_(x) WAITGROUP_STRING_2_(x)
#        define WAITGROUP_WEAK_ALIAS_(name) \
            __asm__(WAITGROUP_STRING_(__USER_LABEL_PREFIX__) #name) __attribute__((__weak__))

void waitgroup_tsan_acquire_(void *) WAITGROUP_WEAK_ALIAS_(__tsan_acquire);
void waitgroup_tsan_release_(void *) WAITGROUP_WEAK_ALIAS_(__tsan_release);
void waitgroup_tsan_func_entry_(void *) WAITGROUP_WEAK_ALIAS_(__tsan_func_entry);
void waitgroup_tsan_func_exit_(void) WAITGROUP_WEAK_ALIAS_(__tsan_func_exit);
void waitgroup_tsan_read4_(void *) WAITGROUP_WEAK_ALIAS_(__tsan_read4);
void waitgroup_tsan_atomic32_store_(volatile uint32_t *, uint32_t, int)
    WAITGROUP_WEAK_ALIAS_(__tsan_atomic32_store);
void *waitgroup_tsan_register_tag_(const char *) WAITGROUP_WEAK_ALIAS_(__tsan_external_register_tag);
void waitgroup_tsan_register_header_(void *, const char *)
    WAITGROUP_WEAK_ALIAS_(__tsan_external_register_header);
void waitgroup_tsan_external_read_(void *, void *, void *) WAITGROUP_WEAK_ALIAS_(__tsan_external_read);
void waitgroup_tsan_ignore_begin_(const char *, int) WAITGROUP_WEAK_ALIAS_(AnnotateIgnoreSyncBegin);
void waitgroup_tsan_ignore_end_(const char *, int) WAITGROUP_WEAK_ALIAS_(AnnotateIgnoreSyncEnd);
void waitgroup_tsan_no_mutexes_(void) WAITGROUP_WEAK_ALIAS_(__tsan_check_no_mutexes_held);
void waitgroup_tsan_print_stack_(void) WAITGROUP_WEAK_ALIAS_(__sanitizer_print_stack_trace);
void waitgroup_tsan_symbolize_(void *, const char *, char *, size_t)
    WAITGROUP_WEAK_ALIAS_(__sanitizer_symbolize_pc);
/* Intercepted: a thread that the runtime has not started itself crashes in it. Its type up to those of
 * <pthread.h>, near enough for link-time optimization, which compares the two. */
int waitgroup_tsan_create_thread_(void *, const void *, void *(*)(void *), void *)
    WAITGROUP_WEAK_ALIAS_(pthread_create);

/* clang-format off */
#    define WAITGROUP_TSAN_RUNTIME_(self)                                                  \
        {self, "waitgroup::tsan", sizeof(struct waitgroup_tsan_), waitgroup_tsan_acquire_, \
         waitgroup_tsan_release_, waitgroup_tsan_func_entry_, waitgroup_tsan_func_exit_,   \
         waitgroup_tsan_read4_, waitgroup_tsan_atomic32_store_,                            \
         waitgroup_tsan_register_tag_, waitgroup_tsan_register_header_,                    \
         waitgroup_tsan_external_read_, waitgroup_tsan_ignore_begin_,                      \
         waitgroup_tsan_ignore_end_, waitgroup_tsan_no_mutexes_,                           \
         waitgroup_tsan_print_stack_, waitgroup_tsan_create_thread_, waitgroup_tsan_symbolize_}
/* clang-format on */

#    endif

#    if WAITGROUP_TSAN_ && !defined(WAITGROUP_BUILDING_)

/* The library finds TSan's runtime by weak symbols. In some links they stay null although the
 * program has TSan (a shared library beside --exclude-libs,ALL or a version script "local: *"; gcc's
 * -static-libtsan and dlopen()). This translation unit is instrumented, so it can name the runtime:
 * it hands the addresses over. If the library comes later, by dlopen(), it finds the table itself,
 * in that part of the program that is read-only after relocation. */
#        ifdef __ELF__
__attribute__((__section__(".data.rel.ro.waitgroup"), __used__))
#        endif
static struct waitgroup_tsan_ waitgroup_runtime_ = WAITGROUP_TSAN_RUNTIME_(&waitgroup_runtime_);

/* Weak: a program that loads the library with dlopen() links without it. */
void waitgroup_use_tsan_(const struct waitgroup_tsan_ *runtime) __attribute__((__weak__));

__attribute__((__constructor__(101))) static void waitgroup_hand_over_tsan_(void)
{
    if (waitgroup_use_tsan_)
        waitgroup_use_tsan_(&waitgroup_runtime_);
}

#    endif

#    ifdef __cplusplus
}
#    endif

#endif
