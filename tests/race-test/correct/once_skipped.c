/* As the buggy one, but those who come second wait until it is done. */
#define CORRECT
#include "../buggy/once_skipped.c"
