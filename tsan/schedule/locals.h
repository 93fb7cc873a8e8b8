/* The end of local variables' lives. */
#ifndef SCHEDULE_LOCALS_H
#define SCHEDULE_LOCALS_H

#include "turn.h"

void locals_begin_main(void);
void locals_begin(void); /* in a new thread */
void locals_leave(uintptr_t stack,
                  uintptr_t pc); /* the thread does something at pc, and uses its stack above */
void locals_end(void);           /* its function has returned */

#endif
