/* The statistics thread sets its limit first, works for long, and only then says that it is ready.
 * Who asks before reads the limit all the same. By then the write lies some hundred thousand accesses
 * back in the thread's history, of which TSan remembers only so much. */
#include "../work.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ready;
int limit;
int samples[1024], total;

static void *collect(void *arg)
{
    limit = 100;
    for (int i = 0; i < 30000; i++) {
        samples[i % 1024] += i;
        total += samples[(i * 7) % 1024] & 1;
    }
    pthread_mutex_lock(&lock);
    ready = 1;
    pthread_mutex_unlock(&lock);
    return arg;
}

static int allowed(int value)
{
    pthread_mutex_lock(&lock);
    int known = ready;
    pthread_mutex_unlock(&lock);
    return value <= limit ? 1 + known : 0; /* the bug: the limit is read before it is known */
}

int main(void)
{
    pthread_t collector = start_thread(collect, NULL);
    wait_for_device(8000);
    int yes = allowed(50);
    pthread_join(collector, NULL);
    printf("allowed: %d\n", yes);
    return 0;
}
