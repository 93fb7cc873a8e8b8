/* What the library says on standard error: a text, and where the thread stands. */
#ifndef WAITGROUP_REPORT_H
#define WAITGROUP_REPORT_H

#include "waitgroup.h"

/* Formats, as printf, and writes in one piece and unbuffered: nothing is lost if the process dies. */
void waitgroup_report_(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));

/* To be called before the first stack that is reported from a signal handler. */
void waitgroup_report_prepare_(void);

/* The calling thread's stack: by the sanitizer's runtime, which names lines, or by libc's backtrace. */
void waitgroup_report_stack_(void);

/* A function that stands in no stack, as a line of one. */
void waitgroup_report_function_(void *function);

#endif
