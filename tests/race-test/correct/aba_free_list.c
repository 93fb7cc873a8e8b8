/* As the buggy one, but the head carries a number that never returns. */
#define CORRECT
#include "../buggy/aba_free_list.c"
