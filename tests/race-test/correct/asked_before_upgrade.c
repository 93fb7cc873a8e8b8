/* As the buggy one, but asked again under the write lock. */
#define CORRECT
#include "../buggy/asked_before_upgrade.c"
