/* As the buggy one, but taken and counted under one lock. */
#define CORRECT
#include "../buggy/pointer_before_count.c"
