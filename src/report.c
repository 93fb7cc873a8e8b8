/* Texts and stacks go straight to standard error: a report may come from a signal handler, or while the
 * program's own locks are held. Stacks are ThreadSanitizer's, with lines, where its runtime is there; else
 * those of backtrace(). */
#define _GNU_SOURCE
#include "report.h"
#include "race.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#if defined(__has_include)
#    if __has_include(<execinfo.h>)
#        include <execinfo.h>
#        define HAVE_BACKTRACE 1
#    endif
#endif

/* Writing is a cancellation point and sets errno; the functions that report do neither. A cancelled
 * waiter would leave without its ticket, a cancelled panic without abort(). */
struct aside {
    int saved_errno, cancel_state;
};

WAITGROUP_ENTRY_ static struct aside begin_aside(void)
{
    struct aside aside = {errno, 0};
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &aside.cancel_state);
    return aside;
}

WAITGROUP_ENTRY_ static void end_aside(struct aside aside)
{
    pthread_setcancelstate(aside.cancel_state, NULL);
    errno = aside.saved_errno;
}

WAITGROUP_ENTRY_ static void write_all(const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written < 0 && errno != EINTR)
            return; /* nobody listens */
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
}

WAITGROUP_ENTRY_ void waitgroup_report_(const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    const struct aside aside = begin_aside();
    write_all(text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
    end_aside(aside);
}

#ifdef HAVE_BACKTRACE

enum { FRAMES = 64 };

/* backtrace() loads a library at its first call, which a signal handler cannot do. */
WAITGROUP_ENTRY_ void waitgroup_report_prepare_(void)
{
    void *frame;
    backtrace(&frame, 1);
}

WAITGROUP_ENTRY_ static void print_frame(int number, void *pc)
{
    char text[1024] = "";
    waitgroup_race_.symbolize(pc, "%f %S %M", text, sizeof text);
    waitgroup_report_("    #%d %s\n", number, text);
}

/* The stack from the caller of the function that reports; reporter is where in that function the call of
 * waitgroup_report_stack_() returns to. */
WAITGROUP_ENTRY_ static void print_stack(const void *reporter)
{
    void *frames[FRAMES];
    const int depth = backtrace(frames, FRAMES);
    int first = 0;
    while (first < depth && frames[first] != reporter)
        first++;
    first++; /* the caller of that one */
    /* gcc's UBSan has a symbolizer as well, which names nothing before UBSan's own first report: it is the
     * one runtime that prints no stacks. */
    if (!waitgroup_race_.symbolize || !waitgroup_race_.print_stack) {
        if (first < depth)
            backtrace_symbols_fd(frames + first, depth - first, STDERR_FILENO);
        return;
    }
    /* Frame by frame: __sanitizer_print_stack_trace() allocates, which TSan takes for the program's own in a
     * signal handler. */
    for (int i = first; i < depth; i++)
        print_frame(i - first, (char *)frames[i] - 1); /* - 1: in the call */
}

WAITGROUP_ENTRY_ static void print_function(void *function)
{
    if (waitgroup_race_.symbolize && waitgroup_race_.print_stack)
        print_frame(0, (char *)function + 1); /* it looks for the call before */
    else
        backtrace_symbols_fd(&function, 1, STDERR_FILENO);
}

#else

WAITGROUP_ENTRY_ void waitgroup_report_prepare_(void)
{
}

WAITGROUP_ENTRY_ static void print_stack(const void *reporter)
{
    (void)reporter;
    if (waitgroup_race_.print_stack)
        waitgroup_race_.print_stack();
}

WAITGROUP_ENTRY_ static void print_function(void *function)
{
    waitgroup_report_("    %p\n", function);
}

#endif

WAITGROUP_ENTRY_ void waitgroup_report_function_(void *function)
{
    const struct aside aside = begin_aside();
    print_function(function);
    end_aside(aside);
}

WAITGROUP_ENTRY_ void waitgroup_report_stack_(void)
{
    const struct aside aside = begin_aside();
    print_stack(__builtin_return_address(0));
    end_aside(aside);
}
