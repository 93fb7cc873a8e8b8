/* As the buggy one, but the flag first. */
#define CORRECT
#include "../buggy/flag_after_turn.c"
