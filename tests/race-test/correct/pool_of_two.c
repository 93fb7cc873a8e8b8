/* As the buggy one, but a semaphore of two keeps the third out. */
#define CORRECT
#include "../buggy/pool_of_two.c"
