/* Shared objects whose own calls are no acts of the program: TSan's runtime, and the unwinder. */
#ifndef SCHEDULE_MODULE_H
#define SCHEDULE_MODULE_H

#include <stdbool.h>
#include <stdint.h>

void module_silence(const char *function); /* the module of the function that stands next by this name */
bool module_is_silent(uintptr_t pc);

#endif
