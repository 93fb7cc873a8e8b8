/* As the buggy one, but the lower fork first. */
#define CORRECT
#include "../buggy/three_forks.c"
