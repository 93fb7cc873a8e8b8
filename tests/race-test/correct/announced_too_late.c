/* As the buggy one, but the receiver says that it sleeps, and looks again. */
#define CORRECT
#include "../buggy/announced_too_late.c"
