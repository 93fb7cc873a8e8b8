/* Plain pthreads: counters under a spin lock. The sampler is not to hold up the traffic: when the lock
 * is taken, it reads without. */
#include "../work.h"

static pthread_spinlock_t lock;
static int over;
int packets, bytes, sample;

static void *forward(void *arg)
{
    for (int i = 0; i < 10; i++) {
        wait_for_device(900);
        pthread_spin_lock(&lock);
        packets++;
        bytes += 1400;
        pthread_spin_unlock(&lock);
    }
    __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
    return arg;
}

static void *take_samples(void *arg)
{
    while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
        wait_for_device(1700);
        int locked = pthread_spin_trylock(&lock) == 0;
        sample = packets + bytes; /* the bug: also when the lock is not ours */
        if (locked)
            pthread_spin_unlock(&lock);
    }
    return arg;
}

int main(void)
{
    pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    pthread_t threads[] = {start_thread(take_samples, NULL), start_thread(forward, NULL)};
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
