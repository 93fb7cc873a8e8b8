/* As the buggy one, but the reader looks again if the version has changed. */
#define CORRECT
#include "../buggy/half_of_two_fields.c"
