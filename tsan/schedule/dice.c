/* Random numbers (splitmix64). */
#include "dice.h"

static uint64_t dice;

void dice_begin(uint64_t seed)
{
    dice = seed;
}

uint64_t dice_roll(void)
{
    uint64_t x = dice += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint32_t dice_below(uint64_t limit)
{
    return (uint32_t)(dice_roll() % limit);
}
