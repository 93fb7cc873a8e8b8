/* The real file, and the one way to what it remembers from wait to wait. */
#include "spin.c"

void reset_spin(int company);
void reset_spin(int company)
{
    has_company = company;
    yields_barred_until = company ? 0 : UINT64_MAX; /* alone and barred, a wait parks at once */
    score.pause = 0;
    score.to_park = 0;
}
