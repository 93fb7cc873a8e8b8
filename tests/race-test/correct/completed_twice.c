/* As the buggy one, but counting down tells who was the last. */
#define CORRECT
#include "../buggy/completed_twice.c"
