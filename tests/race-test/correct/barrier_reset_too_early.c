/* As the buggy one, but rounds have numbers. */
#define CORRECT
#include "../buggy/barrier_reset_too_early.c"
