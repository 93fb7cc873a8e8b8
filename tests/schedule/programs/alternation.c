/* plain: too rare an order | bug 1: abort */
#include "../program.h"

/* Two threads add each other's number to their own. Only a strict alternation, five times, brings about the
 * greatest. */
enum { ROUNDS = 5, GREATEST = 144 };
static int numbers[2] = {1, 1};

static int get(int which)
{
    return __atomic_load_n(&numbers[which], __ATOMIC_RELAXED);
}

static void *add(void *arg)
{
    const int mine = arg != NULL;
    for (int i = 0; i < ROUNDS; i++)
        __atomic_store_n(&numbers[mine], get(mine) + get(!mine), __ATOMIC_RELAXED);
    return arg;
}

int main(void)
{
    pthread_t first = start(add, NULL), second = start(add, numbers);
    join(first);
    join(second);
    assert(get(0) < GREATEST + !BUG && get(1) < GREATEST + !BUG);
    return 0;
}
