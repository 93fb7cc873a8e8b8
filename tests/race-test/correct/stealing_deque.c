/* As the buggy one, but the last task goes to whoever moves the top. */
#define CORRECT
#include "../buggy/stealing_deque.c"
