/* What the library asks about the process it is in, for the words of its messages. */
#ifndef WAITGROUP_PROCESS_H
#define WAITGROUP_PROCESS_H

#include "waitgroup.h"

/* The process in which the library started; where getpid() differs, a fork() lies between. */
extern pid_t waitgroup_born_in_;

/* How many threads there are now; UINT32_MAX where that is not told. */
uint32_t waitgroup_threads_(void);

/* What may be wrong where one is shared. */
#define PROCESS_OTHER "is the group shared with another process? it is private to one"

/* Is the address, which has been written to, in memory that other processes may share (MAP_SHARED)? 0 also
 * where that is not told. */
int waitgroup_is_shared_(const void *address);

#endif
