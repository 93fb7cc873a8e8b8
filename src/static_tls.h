/* Thread-local variables that are reached without a call of __tls_get_addr(). */
#ifndef WAITGROUP_STATIC_TLS_H
#define WAITGROUP_STATIC_TLS_H

#include "waitgroup.h"

/* Of a library that is loaded by dlopen(), other models allocate at first use, and call __tls_get_addr(),
 * which TSan intercepts. glibc keeps some room for this one; elsewhere (musl, say) the loader may refuse a
 * library that has it. (Every header of glibc defines __GLIBC__.) */
#ifdef __GLIBC__
#    define STATIC_TLS _Thread_local __attribute__((__tls_model__("initial-exec")))
#else
#    define STATIC_TLS _Thread_local
#endif

#endif
