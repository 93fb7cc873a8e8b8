/* As the buggy one, but posted once. */
#define CORRECT
#include "../buggy/semaphore_as_lock.c"
