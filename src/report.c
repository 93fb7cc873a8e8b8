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

WAITGROUP_ENTRY_ void waitgroup_report_stack_(void)
{
    const struct aside aside = begin_aside();
    if (waitgroup_race_.print_stack) {
        waitgroup_race_.print_stack();
    } else {
#ifdef HAVE_BACKTRACE
        void *frames[64];
        int depth = backtrace(frames, 64);
        /* The first two are this function and its caller in the library. */
        if (depth > 2)
            backtrace_symbols_fd(frames + 2, depth - 2, STDERR_FILENO);
#endif
    }
    end_aside(aside);
}
