/* The real file, and the one way to what it remembers from wait to wait. */
#include "spin.c"

void reset_spin(int company);
void reset_spin(int company)
{
    has_company = company;
    score.pause = 0;
    score.to_park = 0;
}
