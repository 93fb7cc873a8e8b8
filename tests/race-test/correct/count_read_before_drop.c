/* As the buggy one, but counting down tells who was the last. */
#define CORRECT
#include "../buggy/count_read_before_drop.c"
