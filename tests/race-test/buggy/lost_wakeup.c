/* Plain pthreads. The consumer asks whether the message is there before it takes the lock; between
 * the two the message may arrive, with a signal that nobody hears. */
#include "../work.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static int there;

static void *consume(void *arg)
{
    wait_for_device(1000);
    if (!__atomic_load_n(&there, __ATOMIC_ACQUIRE)) {
        pthread_mutex_lock(&lock);
        pthread_cond_wait(&arrived, &lock); /* the bug: not asked again under the lock */
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

int main(void)
{
    pthread_t consumer = start_thread(consume, NULL);
    wait_for_device(3000);
    pthread_mutex_lock(&lock);
    __atomic_store_n(&there, 1, __ATOMIC_RELEASE);
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&lock);
    pthread_join(consumer, NULL);
    wait_for_device(10000);
    return 0;
}
