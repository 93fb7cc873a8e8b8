/* Plain pthreads. A free list without a lock: between the look at the first cell and the exchange, the
 * other may take two cells and give the first one back. */
#include "../work.h"
#include <stdint.h>

enum { CELLS = 3, NONE = 0xff };
static uint64_t head; /* the first cell and, in the correct one, a number that never returns */
static uint8_t next[CELLS];
static int owner[CELLS];

static uint64_t headed(uint64_t before, uint8_t cell)
{
#ifdef CORRECT
    return (before & ~(uint64_t)0xff) + 0x100 + cell;
#else
    (void)before;
    return cell; /* the bug */
#endif
}

static uint8_t take(void)
{
    uint64_t first = __atomic_load_n(&head, __ATOMIC_ACQUIRE);
    while ((uint8_t)first != NONE) {
        uint8_t second = __atomic_load_n(&next[(uint8_t)first], __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&head, &first, headed(first, second), 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE)) {
            if (__atomic_fetch_add(&owner[(uint8_t)first], 1, __ATOMIC_RELAXED) != 0)
                abort();
            break;
        }
    }
    return (uint8_t)first;
}

static void give(uint8_t cell)
{
    uint64_t first = __atomic_load_n(&head, __ATOMIC_ACQUIRE);
    __atomic_fetch_sub(&owner[cell], 1, __ATOMIC_RELAXED);
    do
        __atomic_store_n(&next[cell], (uint8_t)first, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&head, &first, headed(first, cell), 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE));
}

static void *one(void *arg)
{
    wait_for_device(500);
    if (take() != NONE)
        take();
    return arg;
}

static void *other(void *arg)
{
    wait_for_device(1500);
    uint8_t first = take(), second = take();
    if (first != NONE)
        give(first);
    (void)second;
    return arg;
}

int main(void)
{
    for (uint8_t i = 0; i < CELLS; i++)
        next[i] = i + 1 < CELLS ? (uint8_t)(i + 1) : NONE;
    pthread_t threads[] = {start_thread(one, NULL), start_thread(other, NULL)};
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
