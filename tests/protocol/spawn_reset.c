/* The real file, and the one way to the parcels that it has under way. */
#include "spawn.c"

void reset_parcels(int number);
void reset_parcels(int number)
{
    parcels_taken = number == PARCELS ? 0 : UINT64_MAX << number;
}
