/* What the hooks tell ThreadSanitizer themselves. */
#ifndef SCHEDULE_TSAN_H
#define SCHEDULE_TSAN_H

#include "interface.h"

#include <stddef.h>

void tsan_acquire(uintptr_t object);
void tsan_release(uintptr_t object);
void tsan_read(uintptr_t object, uintptr_t pc);
void tsan_write(uintptr_t object, size_t size);
void tsan_shift(uint32_t phase);
void tsan_push(uintptr_t pc); /* puts a line of the program on its stack */
void tsan_pop(void);
void tsan_run_signal_handlers(void); /* those that it has deferred */

#endif
