/* expect: no race */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

uint64_t count;
uint8_t flag;
uint16_t half;
int value, expected_sum;

static void *worker(void *unused)
{
    __sync_fetch_and_add(&count, 2);
    __atomic_fetch_or(&half, 4, __ATOMIC_RELAXED);
    value = 7;
    __atomic_store_n(&flag, 1, __ATOMIC_SEQ_CST);
    return unused;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, worker, NULL);
    uint64_t seen = 0;
    __atomic_compare_exchange_n(&count, &seen, 5, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&flag, __ATOMIC_ACQUIRE))
        expected_sum = value;
    pthread_join(thread, NULL);
    return count == 7 || count == 2 ? 0 : 1;
}
